"""Times optimal portfolios, also in units of one Cholesky factorisation of their dimension.

    ./scripts/bench optimal_portfolio [--repetitions N]

Times are medians over the repetitions of bench/optimal_portfolio.cpp, with all cases interleaved in
one run: long-only, with a target return, with boxes and groups, and of equal contributions.
"""

from google_benchmark import medians_as_asked

MS = 1e6
"""Nanoseconds of a millisecond."""


def main() -> None:
    """Print a line for each case."""
    ns = medians_as_asked("optimal_portfolio", __doc__, repetitions=9)
    print(f"{'d':>4} {'portfolio':>10} {'ms':>9} {'factorisations':>15}")
    for name, time in ns.items():
        what, d = name.split("/")
        if what != "BM_Factor":
            factor = ns[f"BM_Factor/{d}"]
            print(f"{d:>4} {what.removeprefix('BM_'):>10} {time / MS:9.3f} {time / factor:15.1f}")


if __name__ == "__main__":
    main()
