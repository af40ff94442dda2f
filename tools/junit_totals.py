"""Print the totals of JUnit files: cases passed, failed, skipped."""

import sys
import xml.etree.ElementTree as ET
from collections import Counter


def outcome(case: ET.Element) -> str:
    """Return the outcome of a case."""
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    if case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
        return "skipped"
    return "passed"


def main(files: list[str]) -> None:
    """Print the three totals; a file that cannot be read is one failure."""
    totals: Counter[str] = Counter()
    for file in files:
        try:
            totals.update(outcome(case) for case in ET.parse(file).iter("testcase"))
        except (ET.ParseError, OSError):
            totals["failed"] += 1
    print(totals["passed"], totals["failed"], totals["skipped"])


if __name__ == "__main__":
    main(sys.argv[1:])
