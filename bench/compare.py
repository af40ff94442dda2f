"""Compares two results of ./scripts/bench all: the time of every case, B over A.

    ./scripts/bench compare A.json B.json

Cases that only one of them has are listed. Results of different machines, compilers or flags are
compared with a warning: such ratios tell nothing of the code.
"""

import argparse
import json
import math
import sys
from pathlib import Path


def cases_of(results: dict[str, object]) -> dict[str, float]:
    """Return the time of every case, by the group's title and its name."""
    groups = results["results"]
    assert isinstance(groups, dict)
    return {f"{title}: {case}": t for title, cases in groups.items() for case, t in cases.items()}


def main() -> None:
    """Print a line for each case, and the geometric mean of the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path, metavar="A.json")
    parser.add_argument("after", type=Path, metavar="B.json")
    arguments = parser.parse_args()
    before, after = (json.loads(path.read_text()) for path in (arguments.before, arguments.after))
    for what in ("machine", "compiler", "flags"):
        if before[what] != after[what]:
            print(f"warning: another {what}: {before[what]} and {after[what]}", file=sys.stderr)
    print(f"A: {before['commit']}    B: {after['commit']}")
    old, new = cases_of(before), cases_of(after)
    ratios = {case: new[case] / old[case] for case in old if case in new}
    for case, ratio in ratios.items():
        print(f"{case:>76} {old[case]:11.4g} {new[case]:11.4g} {ratio:6.2f}")
    for case in sorted(old.keys() ^ new.keys()):
        print(f"{case:>76} only in {'A' if case in old else 'B'}")
    if ratios:
        mean = math.exp(math.fsum(map(math.log, ratios.values())) / len(ratios))
        print(f"geometric mean of {len(ratios)} ratios: {mean:.3f}")


if __name__ == "__main__":
    main()
