# SPDX-License-Identifier: Apache-2.0
"""The command line of scripts/wpt."""
import argparse
import os
import subprocess
import sys
from pathlib import Path

from .execution import Runner
from .expectations import UNEXPLAINED, Expectations
from .selection import HERE, Table, UsageError
from .summary import Summary

PROJECT = HERE.parent.parent


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="scripts/wpt",
        description="Runs the web-platform-tests found at ROOT that a runtime like this can run, and compares the "
        "results with the expectations in Tests/WebPlatform/expectations.json.",
        epilog="Exit status: 0 as expected, 1 a failure or a pass that is not expected, 2 wrong usage. "
        "ROOKERY names the program; the release build unless it is set.")
    parser.add_argument("root", metavar="ROOT", help="a checkout of web-platform-tests, or a part of one")
    parser.add_argument("areas", metavar="AREA", nargs="*", help="an area of areas.json, or a folder or file in one")
    parser.add_argument("--json", action="store_true", help="print one JSON object, on one line")
    parser.add_argument("-v", "--failures", action="store_true", help="show every failing subtest with its message")
    parser.add_argument("--update", action="store_true", help="expect from now on what comes out; reasons are kept")
    parser.add_argument("--reason", metavar="TEXT", default=UNEXPLAINED,
                        help="with --update: why what fails newly, or was unexplained, is expected to")
    parser.add_argument("--jobs", type=int, metavar="N", default=os.cpu_count() or 1, help="processes at a time")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", default=30.0,
                        help="for a file; one that says it is long has six times as much")
    parser.add_argument("--areas", dest="table", type=Path, default=HERE / "areas.json", help=argparse.SUPPRESS)
    parser.add_argument("--expectations", type=Path, default=HERE / "expectations.json",
                        help="another file of expectations")
    options = parser.parse_intermixed_args(arguments)
    if options.jobs < 1 or options.timeout <= 0:
        parser.error("--jobs and --timeout take numbers above 0")
    return options


def program():
    """The program to test; built where it is not there."""
    named = os.environ.get("ROOKERY")
    if named:
        path = Path(named).resolve()
        if not os.access(path, os.X_OK):
            raise UsageError(f"ROOKERY={named} is not a program")
        return path
    path = PROJECT / ".build/release/rookery"
    if not path.exists():
        if subprocess.run([PROJECT / "scripts/build", "release"], stdout=sys.stderr).returncode != 0:
            raise UsageError("the release build failed; ROOKERY may name a program that is built already")
    return path


def checked_root(text):
    root = Path(text).resolve()
    if not (root / "resources/testharness.js").is_file():
        raise UsageError(f"no web-platform-tests at {text}: it has no resources/testharness.js. "
                         "Get them from https://github.com/web-platform-tests/wpt")
    return root


def show_progress(done, count, result):
    if sys.stderr.isatty():
        end = "\n" if done == count else ""
        print(f"\r\033[K{done}/{count} {result.test.key[:90]}", end=end, file=sys.stderr, flush=True)


def main(arguments):
    # Names of subtests hold lone surrogates.
    sys.stdout.reconfigure(errors="backslashreplace")
    options = parse(arguments)
    try:
        root = checked_root(options.root)
        selection = Table(options.table).select(root, options.areas)
        runner = Runner(root, program(), options.timeout, options.jobs)
    except UsageError as error:
        print(f"wpt: {error}", file=sys.stderr)
        return 2
    results = runner.run(selection.tests, show_progress)
    expectations = Expectations(options.expectations)
    if options.update:
        whole = [area for area in selection.areas if not options.areas or area in options.areas]
        expectations.update(results, whole, options.reason)
    summary = Summary(selection, results, expectations)
    if options.json:
        print(summary.json())
    else:
        if options.failures:
            print(summary.all_failures(), end="\n\n")
        print(summary.text())
    return 0 if summary.is_expected else 1
