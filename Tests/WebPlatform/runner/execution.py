# SPDX-License-Identifier: Apache-2.0
"""Runs one test in one process of rookery and reads its results."""
import json
import os
import re
import signal
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer

from .selection import HERE

HOST = "web-platform.test"
ORIGIN = f"http://{HOST}"
PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
FILLED = re.compile(r"\{\{(host|domains|hosts|ports)(?:\[(\w*)\])?(?:\[(\w*)\])?\}\}")
# As a subtest's name: the file as a whole.
FILE = "(file)"
LONG = 6
# Seconds that a process may go on after its own wall limit, and after its tests are done.
GRACE, LEFTOVER = 20, 2
STATUSES = {0: "pass", 1: "fail", 2: "timeout", 3: "not run", 4: "precondition failed"}
EXITS = {3: "CPU limit exceeded", 5: "memory limit exceeded", 70: "a fault of rookery"}


@dataclass
class Subtest:
    """One result. A file that did not end as it should has one more, named FILE."""

    name: str
    passed: bool
    message: str = ""


@dataclass
class Result:
    test: object
    subtests: list = field(default_factory=list)

    @property
    def failed(self):
        return [subtest for subtest in self.subtests if not subtest.passed]

    @property
    def counted(self):
        return [subtest for subtest in self.subtests if subtest.name != FILE]

    @property
    def is_clean(self):
        return not self.failed


class Runner:
    """Runs tests, several at once, each in a process of its own."""

    def __init__(self, root, program, seconds, jobs):
        self.root, self.program, self.seconds, self.jobs = root, program, seconds, jobs

    def run(self, tests, progress):
        """The results, in the order of the tests."""
        with tempfile.TemporaryDirectory(prefix="rookery-wpt-") as folder:
            with ThreadPoolExecutor(self.jobs) as pool:
                futures = [pool.submit(self.run_one, test, Path(folder) / str(n)) for n, test in enumerate(tests)]
                results = []
                try:
                    for future in futures:
                        results.append(future.result())
                        progress(len(results), len(tests), results[-1])
                except BaseException:
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise
                return results

    def run_one(self, test, folder):
        folder.mkdir()
        marker = f"wpt-{os.urandom(8).hex()} "
        configuration = {
            "root": str(self.root), "origin": ORIGIN, "path": f"/{test.file}", "search": test.variant,
            "title": test.title, "marker": marker, "isWorkerOfIdl": "resources/idlharness.js" in test.scripts,
        }
        (folder / "configuration.js").write_text(f"globalThis.wptConfiguration = {json.dumps(configuration)};\n")
        (folder / "main.mjs").write_text("done();\n" if test.calls_done else "")
        preloads = [folder / "configuration.js", HERE / "environment.js", self.root / "resources/testharness.js",
                    HERE / "report.js", *self.scripts(test, folder), self.root / test.file]
        seconds = self.seconds * (LONG if test.is_long else 1)
        command = [self.program, "run", "--allow-eval", f"--allow-import={self.root}", "--cpu-limit=0",
                   f"--wall-limit={int(seconds * 1000)}", "--heap-limit=1024",
                   *(f"--preload={path}" for path in preloads), folder / "main.mjs"]
        return Result(test, observe(command, folder, marker, seconds))

    def scripts(self, test, folder):
        """What a test includes, with the names of hosts and ports that a server fills in."""
        for number, name in enumerate(test.scripts):
            path = self.root / name
            if ".sub." in path.name:
                text = path.read_text("utf-8")
                path = folder / f"{number}-{path.name}"
                path.write_text(FILLED.sub(filled, text), "utf-8")
            yield path


def filled(match):
    """{{host}}, {{domains[www]}}, {{hosts[alt][www]}}, {{ports[http][0]}}."""
    kind, first, second = match.groups()
    if kind == "ports":
        return str(PORTS.get(first, 80) + int(second or 0))
    host = f"not-{HOST}" if first == "alt" and kind == "hosts" else HOST
    domain = second if kind == "hosts" else first
    return f"{domain}.{host}" if domain else host


def observe(command, folder, marker, seconds):
    """Runs a process to its end, or a little past the end of its tests, and returns the subtests it reported."""
    reading = Reading(marker)
    with open(folder / "errors", "w+b") as errors:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, cwd=folder)
        killers = [Timer(seconds + GRACE, process.kill)]
        try:
            killers[0].start()
            for line in process.stdout:
                if reading.take(line):
                    # A browser closes the page now: timers that are left do not matter, a crash does.
                    killers.append(Timer(LEFTOVER, process.kill))
                    killers[1].start()
            status = process.wait()
        finally:
            process.kill()
            process.wait()
            for killer in killers:
                killer.cancel()
        errors.seek(0)
        said = errors.read().decode("utf-8", "replace").strip()
    if reading.ended and status in (0, 1, 4, -signal.SIGKILL):
        return reading.subtests(None)
    return reading.subtests(why(status, said, seconds))


def why(status, said, seconds):
    """What a process that ended so has to say against its file, or None."""
    lines = said.splitlines()
    if status == 0:
        return None
    if status in (4, -signal.SIGKILL):
        return f"no end after {seconds:g} s"
    if status == 1:
        uncaught = [line for line in lines if line.startswith("Uncaught ")]
        return (uncaught or ["uncaught error"])[-1]
    fault = EXITS.get(status) or (f"ended by signal {-status}" if status < 0 else f"exit status {status}")
    return f"{fault}: {lines[-1]}" if lines else fault


class Reading:
    """What report.js writes, line by line."""

    def __init__(self, marker):
        self.marker, self.results, self.ended = marker.encode(), {}, None

    def take(self, line):
        """Reads a line of output; true if it says that the tests are done."""
        if not line.startswith(self.marker):
            return False
        record = json.loads(line[len(self.marker):].decode("utf-8", "replace"))
        if "ended" in record:
            self.ended = record
            return True
        passed = record.get("status") == 0
        message = record.get("message") or STATUSES.get(record.get("status"), "it began, and has no result")
        self.results[record["made"]] = Subtest(record["name"], passed, "" if passed else message)
        return False

    def subtests(self, complaint):
        """All results, and one for the file where it did not end well."""
        subtests = list(self.results.values())
        if not complaint:
            if self.ended is None:
                complaint = "it ended before its tests did: nothing was left to wait for"
            elif self.ended["status"] != 0:
                complaint = f"harness: {self.ended['message'] or 'error'}"
            elif not subtests:
                complaint = "it has no tests"
        if complaint:
            subtests.append(Subtest(FILE, False, complaint))
        return subtests
