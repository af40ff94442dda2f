#!/usr/bin/env python3
"""Runs mutants of src/em, src/stream and python/, each against the tests of its folder.

    tools/mutate.py --seed 1 --count 300 [--only src/em] [--jobs 2] [--rerun-survivors]

Mutants change constants, comparisons and branches, and drop statements. All of them are in one copy
of the sources in build/mutants, which is built once; each is asleep until VARIMIX_MUTANT names its
number. Every test runs once, to see its cost and which mutants it comes by; then each of a sample
of mutants runs against the tests that come by it until one fails. A crash, an assertion and an
endless loop are failures too. Results are kept as they come, so that a run that was cut off goes
on. This prints how each mutant ended and a summary, and writes all to build/mutants/report.md.

Mutants that change nothing a caller could see are named, with the reason, in
tools/mutation/equivalent.txt. Needs what ./scripts/setup installs.
"""

import argparse
import sys
from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path

from mutation.report import Equivalents, summary, write_report
from mutation.sites import GROUPS, Site, sample
from mutation.tests import all_tests
from mutation.tree import Tree
from mutation.trials import Results, try_all

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "build" / "mutants"
EQUIVALENT = Path(__file__).resolve().parent / "mutation" / "equivalent.txt"


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--count", type=int, default=300, help="mutants, a third of each folder")
    parser.add_argument("--only", default="", help="the start of a path: src/em, python/varimix/so")
    parser.add_argument("--jobs", type=int, default=2, help="test programs at a time")
    parser.add_argument("--rerun-survivors", action="store_true", help="after new tests")
    parser.add_argument("--build-only", action="store_true")
    return parser.parse_args()


def chosen(sites: Iterable[Site], options: argparse.Namespace) -> list[Site]:
    """Return the sample: the same number of mutants of each group of folders, in turn.

    The mutants that have ended when a round is cut off are a random sample too.
    """
    groups = [
        [site for site in sites if site.file.startswith(group)]
        for group in GROUPS
        if group.startswith(options.only) or options.only.startswith(group)
    ]
    picked: list[list[Site]] = []
    for i, group in enumerate(groups):
        count = options.count * (i + 1) // len(groups) - options.count * i // len(groups)
        some = [site for site in group if site.file.startswith(options.only)]
        picked.append(sample(some, options.seed, count))
    return [site for turn in zip_longest(*picked) for site in turn if site is not None]


def main() -> int:
    """Try the sample and print a line for each mutant; return 0."""
    options = arguments()
    HOME.mkdir(parents=True, exist_ok=True)
    tree = Tree(ROOT, HOME)
    tree.make()
    tree.compile()
    print(f"{len(tree.sites)} mutants compile", flush=True)
    if options.build_only:
        return 0
    tests = all_tests(tree, HOME, options.jobs)
    sites = chosen(tree.sites, options)
    results = Results(HOME / "results.json")
    for site in sites:
        known = results.get(site)
        if options.rerun_survivors and known is not None and not known.killed_by:
            results.forget(site)
    ended = [(site, result) for site in sites if (result := results.get(site)) is not None]
    equivalents = Equivalents(EQUIVALENT)
    for site, result in try_all(sites, tests, tree, results, options.jobs):
        end = f"killed by {result.killed_by}" if result.killed_by else "SURVIVED"
        print(
            f"{site.file}:{site.line}: {site.kind}: {site.before} -> {site.after}: {end}",
            flush=True,
        )
        ended.append((site, result))
        write_report(HOME / "report.md", options.seed, ended, equivalents)
    write_report(HOME / "report.md", options.seed, ended, equivalents)
    print(summary(ended, equivalents))
    return 0


if __name__ == "__main__":
    sys.exit(main())
