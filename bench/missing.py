"""Times rows with a fifth of their values missing beside complete ones.

    ./scripts/bench missing [--repetitions N]

Times are medians over the repetitions of bench/missing.cpp, with all cases interleaved in one run.
"""

from google_benchmark import medians_as_asked


def main() -> None:
    """Print a line for each case."""
    ns = medians_as_asked("missing", __doc__, repetitions=9)
    print(f"{'unit':>18} {'d':>3} {'rows':>7} {'complete':>9} {'gaps':>9}  ratio (ns a row)")
    for name, complete in ns.items():
        unit, kind, d, rows = name.split("/")
        if kind != "complete":
            continue
        gaps = ns["/".join((unit, "gaps", d, rows))]
        print(
            f"{unit.removeprefix('BM_'):>18} {d:>3} {rows:>7} {complete:9.1f} {gaps:9.1f}"
            f"  {gaps / complete:.2f}"
        )


if __name__ == "__main__":
    main()
