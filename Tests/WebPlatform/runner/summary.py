# SPDX-License-Identifier: Apache-2.0
"""What is printed: the table by area, the difference to the expectations, the failures, the JSON."""
import json


class Summary:
    def __init__(self, selection, results, expectations):
        self.selection, self.results, self.expectations = selection, results, expectations
        self.areas = {area: figures([r for r in results if r.test.area == area]) for area in selection.areas}
        shares = [row["files_clean"] / row["files"] for row in self.areas.values()]
        self.average = sum(shares) / len(shares) if shares else 0
        self.failures, self.passes = [], []
        for result in results:
            difference = expectations.difference(result)
            self.failures += [(result.test.key, name, message) for name, message in difference.failures]
            self.passes += [(result.test.key, name, message) for name, message in difference.passes]

    @property
    def is_expected(self):
        return not self.failures and not self.passes

    def json(self):
        return json.dumps({
            "areas": self.areas,
            "macro_average": round(self.average, 4),
            "unexpected_failures": [
                {"file": file, "subtest": name, "message": message} for file, name, message in self.failures],
            "unexpected_passes": [{"file": file, "subtest": name} for file, name, _ in self.passes],
            "not_run": self.selection.without,
            "absent": self.selection.absent,
            "unexplained": self.expectations.unexplained(),
        })

    def text(self, shown=20):
        rows = [("area", "files", "clean", "", "subtests", "passed", "")]
        total = {key: sum(row[key] for row in self.areas.values())
                 for key in ("files", "files_clean", "subtests", "passed")}
        for name, row in [*self.areas.items(), ("all", total)]:
            rows.append((name, row["files"], row["files_clean"], share(row["files_clean"], row["files"]),
                         row["subtests"], row["passed"], share(row["passed"], row["subtests"])))
        width = max(len(str(row[0])) for row in rows)
        lines = ["{:{}} {:>6} {:>6} {:>7} {:>9} {:>7} {:>7}".format(row[0], width, *row[1:]) for row in rows]
        count = len(self.areas)
        lines.append(f"\nmacro average: {100 * self.average:.1f} % of files clean, over {count} "
                     + ("area" if count == 1 else "areas"))
        if self.selection.absent:
            lines.append(f"not under this root: {', '.join(self.selection.absent)}")
        if self.selection.without:
            reasons = {}
            for reason in self.selection.without.values():
                reasons[reason] = reasons.get(reason, 0) + 1
            lines += [f"not run: {count} (why: {reason})" for reason, count in reasons.items()]
        unexplained = self.expectations.unexplained()
        if unexplained:
            lines.append(f"expectations without a reason: {unexplained} (give each one in {self.expectations.path.name})")
        for title, items in (("unexpected failures", self.failures), ("unexpected passes", self.passes)):
            if items:
                lines.append(f"\n{title}: {len(items)}")
                lines += [line(*item) for item in items[:shown]]
                if len(items) > shown:
                    lines.append(f"  … and {len(items) - shown} more; -v shows all failures")
        lines.append("\nas expected" if self.is_expected else "\nnot as expected: see above; --update expects this")
        return "\n".join(lines)

    def all_failures(self):
        return "\n".join(line(result.test.key, subtest.name, subtest.message)
                         for result in self.results for subtest in result.failed)


def line(file, name, message):
    text = f"  {file}: {name}".replace("\n", "\\n")
    return text + ("\n      " + message.replace("\n", "\n      ") if message else "")


def share(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "-"


def figures(results):
    """A file with variants is one file, clean if all of them are."""
    clean = {}
    for result in results:
        clean[result.test.file] = clean.get(result.test.file, True) and result.is_clean
    counted = [subtest for result in results for subtest in result.counted]
    return {"files": len(clean), "files_clean": sum(clean.values()), "subtests": len(counted),
            "passed": sum(subtest.passed for subtest in counted)}
