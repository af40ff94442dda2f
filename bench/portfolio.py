"""Times the tail risk of a portfolio with its contributions, and with the Hessian too.

    ./scripts/bench portfolio [--repetitions N]

Times are medians over the repetitions of bench/portfolio.cpp, with all cases interleaved in one
run.
"""

from google_benchmark import medians_as_asked

US = 1e3
"""Nanoseconds of a microsecond."""


def main() -> None:
    """Print a line for each case."""
    ns = medians_as_asked("portfolio", __doc__, repetitions=9)
    print(f"{'family':>22} {'alpha':>6} {'d':>4} {'portfolio':>10} {'Hessian':>8}  (microseconds)")
    for name, alone in ns.items():
        what, family, alpha, d = name.split("/")
        if what != "BM_Portfolio":
            continue
        hessian = ns["/".join(("BM_Hessian", family, alpha, d))] - alone
        print(f"{family:>22} {alpha:>6} {d:>4} {alone / US:10.1f} {hessian / US:8.1f}")


if __name__ == "__main__":
    main()
