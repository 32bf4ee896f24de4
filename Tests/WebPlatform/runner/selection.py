# SPDX-License-Identifier: Apache-2.0
"""Which tests there are: the areas, the files of each under a root, and what a file's META lines ask for."""
import fnmatch
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
META = re.compile(r"^// *META: *([a-z]+) *= *(.*?)\s*$")
IMPORT = re.compile(r"^\s*importScripts\(([^)]*)\)", re.MULTILINE)
# Scopes that this runtime is like. A file without `global` is for windows and dedicated workers.
SCOPES = {"worker", "dedicatedworker", "shadowrealm", "jsshell"}
# Names under which the tests' server hands out other files.
RENAMED = {"resources/WebIDLParser.js": "resources/webidl2/lib/webidl2.js"}


class UsageError(Exception):
    """The command line asks for what is not there."""


@dataclass
class Test:
    """One run of one file: a file with variants has several."""

    area: str
    file: str
    variant: str
    scripts: list
    title: str | None
    is_long: bool
    calls_done: bool

    @property
    def key(self):
        return self.file + self.variant


@dataclass
class Selection:
    """The tests to run by area, in order, and what was left out."""

    areas: dict = field(default_factory=dict)
    absent: list = field(default_factory=list)
    without: dict = field(default_factory=dict)

    @property
    def tests(self):
        return [test for tests in self.areas.values() for test in tests]


class Table:
    """The data of areas.json."""

    def __init__(self, path=HERE / "areas.json"):
        data = json.loads(path.read_text("utf-8"))
        self.areas, self.also, self.without = data["areas"], data["also"], data["without"]

    def reason_against(self, file):
        """Why a file is not run, or None."""
        for pattern, reason in self.without.items():
            if fnmatch.fnmatchcase(file, pattern):
                return reason
        return None

    def is_test(self, file):
        return file.endswith((".any.js", ".worker.js")) or file in self.also

    def select(self, root, wanted):
        """The tests of the wanted areas, folders and files; of all areas where none is named."""
        wanted = [name.strip("/") for name in wanted]
        found = set()
        selection = Selection()
        for area, folders in self.areas.items():
            tests, is_here = [], False
            for folder in folders:
                is_here = is_here or (root / folder).is_dir()
                for path in sorted((root / folder).rglob("*.js")):
                    file = path.relative_to(root).as_posix()
                    names = [name for name in wanted if name == area or file == name or file.startswith(name + "/")]
                    if (wanted and not names) or not self.is_test(file):
                        continue
                    found.update(names)
                    reason, of_file = self.reason_against(file), []
                    if not reason:
                        of_file = tests_of(root, area, file)
                        reason = of_file and reason_of_scripts(root, of_file[0])
                    if reason:
                        selection.without[file] = reason
                    else:
                        tests += of_file
            if tests:
                selection.areas[area] = tests
            elif not is_here and not wanted:
                selection.absent.append(area)
        for name in wanted:
            if name not in found:
                raise UsageError(f"no tests for '{name}' under {root}: give an area ({', '.join(self.areas)}), "
                                 "or a folder or file in one of them")
        return selection


def tests_of(root, area, file):
    """The tests of one file; none if it is for other scopes only."""
    text = (root / file).read_text("utf-8", errors="replace")
    metas = []
    for line in text.splitlines():
        match = META.match(line)
        if match:
            metas.append(match.groups())
        elif line.strip() and not line.startswith("//"):
            break
    values = lambda name: [value for key, value in metas if key == name]
    scopes = {scope.strip() for value in values("global") for scope in value.split(",")}
    if scopes and not scopes & SCOPES:
        return []
    included = values("script")
    if file.endswith(".worker.js"):
        for arguments in IMPORT.findall(text):
            included += re.findall(r"""["']([^"']+)["']""", arguments)
    scripts = [script_path(file, name) for name in included]
    is_worker = file.endswith(".worker.js")
    return [
        Test(
            area=area,
            file=file,
            variant=variant,
            scripts=[name for name in scripts if not name.startswith("resources/testharness")],
            title=next(iter(values("title")), None),
            is_long="long" in values("timeout"),
            # A worker says itself when it is done, and a file that is one test too.
            calls_done=not is_worker and "single_test" not in text,
        )
        for variant in values("variant") or [""]
    ]


def reason_of_scripts(root, test):
    """Why a test cannot run under a root that is a part of the whole, or None."""
    for name in test.scripts:
        if not (root / name).is_file():
            return f"it includes {name}, which is not under this root"
    return None


def script_path(file, name):
    """Where a script that a file includes is, relative to the root."""
    name = name.split("?")[0]
    parts = []
    for part in (name if name.startswith("/") else f"{Path(file).parent.as_posix()}/{name}").split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    path = "/".join(parts)
    return RENAMED.get(path, path)
