"""Times one update of a stream in C++, scored, by the size of its batch, on one thread.

    ./scripts/bench update [--repetitions N]

Times are medians over the repetitions of bench/update.cpp, with all cases interleaved in one run.
"""

from google_benchmark import medians_as_asked


def main() -> None:
    """Print a line for each case."""
    medians = medians_as_asked("update", __doc__, repetitions=5)
    print(f"{'law':>6} {'rule':>16} {'rows x d':>9} {'us':>8}")
    for name, ns in medians.items():
        _, law, rule, shape = name.split("/")
        rows = int(shape.split("x")[0])
        print(f"{law:>6} {rule:>16} {shape:>9} {rows * ns / 1000.0:8.2f}")


if __name__ == "__main__":
    main()
