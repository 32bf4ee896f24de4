# SPDX-License-Identifier: Apache-2.0
"""Runs each measure of scripts/peers/platform in Rookery, Node and Deno in turn, several times, and compares medians.

scripts/peers/platform.py ROOKERY [MEASURE…] [--json]. Peers that are not there are left out.
"""
import json
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "platform"
NOT_MEASURES = {"measure", "data"}
TURNS = 5


def runtimes(rookery):
    """Commands that a measure's file follows; Rookery is first."""
    commands = {"rookery": [Path(rookery).resolve(), "run", "--cpu-limit=0", "--heap-limit=1024"]}
    if shutil.which("node"):
        commands["node"] = ["node"]
    if shutil.which("deno"):
        commands["deno"] = ["deno", "run", "--quiet", "--no-config"]
    return commands


def run(command, measure):
    """What one run of a measure printed, or why it failed."""
    file = FOLDER / f"{measure}.mjs"
    ended = subprocess.run([*command, file], stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=FOLDER)
    if ended.returncode != 0:
        return {"failed": (ended.stderr.strip().splitlines() or [f"exit status {ended.returncode}"])[-1]}
    return json.loads(ended.stdout)


def compare(measure, commands):
    """Rates by runtime, the unit, and why a runtime has none."""
    rates, without, unit = {}, {}, None
    for _ in range(TURNS):
        for name, command in commands.items():
            if name in without:
                continue
            result = run(command, measure)
            if "rate" in result:
                rates.setdefault(name, []).append(result["rate"])
                unit = result["unit"]
            else:
                without[name] = "missing" if "missing" in result else result["failed"]
    medians = {name: statistics.median(values) for name, values in rates.items() if name not in without}
    return {"unit": unit, "rates": medians, "without": without}


def rounded(number):
    return float(f"{number:.3g}")


def main(arguments):
    as_json = "--json" in arguments
    rookery, *wanted = [argument for argument in arguments if argument != "--json"]
    commands = runtimes(rookery)
    measures = sorted(path.stem for path in FOLDER.glob("*.mjs") if path.stem not in NOT_MEASURES)
    peers = [name for name in commands if name != "rookery"]
    if not as_json:
        print(f"{'measure':18}{'rookery':>22}" + "".join(f"{'of ' + peer:>12}" for peer in peers))
    report, failed = {}, False
    for measure in wanted or measures:
        result = compare(measure, commands)
        failed = failed or any(reason != "missing" for reason in result["without"].values())
        own = result["rates"].get("rookery")
        ratios = {peer: own / rate for peer, rate in result["rates"].items() if own and peer != "rookery"}
        report[measure] = {
            "unit": result["unit"], "rates": {name: rounded(rate) for name, rate in result["rates"].items()},
            "ratios": {name: rounded(ratio) for name, ratio in ratios.items()}, "without": result["without"],
        }
        if not as_json:
            shown = f"{own:,.0f} {result['unit']}/s" if own else result["without"]["rookery"]
            cells = [f"{ratios[peer]:.2f}" if peer in ratios else result["without"].get(peer, "-") for peer in peers]
            print(f"{measure:18}{shown:>22}" + "".join(f"{cell:>12}" for cell in cells), flush=True)
    if as_json:
        print(json.dumps(report))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
