# SPDX-License-Identifier: Apache-2.0
"""What is known to fail, and why: expectations.json.

    {"url": {"url/x.any.js?variant": [{"reason": "…", "fails": ["a subtest", "(file)"]}, {"reason": "…", "fails": 12}]}}

A number is for the subtests that no list of the file names: too many to name each.
"""
import json
from dataclasses import dataclass, field

from .selection import HERE

UNEXPLAINED = "unexplained"
# More failing subtests than this are counted, not named.
NAMED_AT_MOST = 40


@dataclass
class Difference:
    """How one file's results differ from what is expected of it."""

    failures: list = field(default_factory=list)
    passes: list = field(default_factory=list)


class Expectations:
    def __init__(self, path=HERE / "expectations.json"):
        self.path = path
        self.areas = json.loads(path.read_text("utf-8")) if path.exists() else {}

    def entries(self, test):
        return self.areas.get(test.area, {}).get(test.key, [])

    def difference(self, result):
        """Pairs of a subtest's name and a message: failures that nobody expects, and failures that did not come."""
        named, count = set(), 0
        for entry in self.entries(result.test):
            if isinstance(entry["fails"], int):
                count += entry["fails"]
            else:
                named.update(entry["fails"])
        difference = Difference()
        others = [subtest for subtest in result.failed if subtest.name not in named]
        if len(others) > count:
            excess = f" ({len(others)} fail, {count} are expected to)" if count else ""
            difference.failures = [(subtest.name, subtest.message + excess) for subtest in others]
        elif len(others) < count:
            difference.passes.append((f"{count - len(others)} of the {count} that were expected to fail", ""))
        failed = {subtest.name for subtest in result.failed}
        difference.passes += [(name, "") for name in sorted(named - failed)]
        return difference

    def unexplained(self):
        """How many entries have no reason."""
        return sum(
            entry["reason"] == UNEXPLAINED
            for files in self.areas.values() for entries in files.values() for entry in entries)

    def update(self, results, whole_areas, new_reason=UNEXPLAINED):
        """Expects what the results are. Reasons stay with their subtests; files that are gone from an area go."""
        for area in whole_areas:
            keys = {result.test.key for result in results if result.test.area == area}
            self.areas[area] = {key: value for key, value in self.areas.get(area, {}).items() if key in keys}
        for result in results:
            files = self.areas.setdefault(result.test.area, {})
            entries = self.entries_for(result, new_reason)
            if entries:
                files[result.test.key] = entries
            else:
                files.pop(result.test.key, None)
        self.areas = {area: dict(sorted(files.items())) for area, files in sorted(self.areas.items()) if files}
        self.path.write_text(json.dumps(self.areas, indent=1, ensure_ascii=True) + "\n", "utf-8")

    def entries_for(self, result, new_reason):
        named, counted = {}, None
        for entry in self.entries(result.test):
            if isinstance(entry["fails"], int):
                counted = entry["reason"] if entry["reason"] != UNEXPLAINED else None
            else:
                named.update({name: entry["reason"] for name in entry["fails"] if entry["reason"] != UNEXPLAINED})
        reason = counted or new_reason
        groups, others = {}, []
        for subtest in result.failed:
            if subtest.name in named:
                groups.setdefault(named[subtest.name], []).append(subtest.name)
            else:
                others.append(subtest.name)
        if len(others) > NAMED_AT_MOST:
            return [{"reason": reason, "fails": len(others)}] + listed(groups)
        if others:
            groups.setdefault(reason, []).extend(others)
        return listed(groups)


def listed(groups):
    return [{"reason": reason, "fails": list(dict.fromkeys(names))} for reason, names in groups.items() if names]
