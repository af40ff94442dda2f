"""Times the passes over complete rows in memory: E-step, log-likelihood and draws.

    ./scripts/bench e_step [--repetitions N]

Times are medians over the repetitions of bench/e_step.cpp, with all cases interleaved in one run.
"""

from google_benchmark import medians_as_asked


def main() -> None:
    """Print a line for each case."""
    medians = medians_as_asked("e_step", __doc__, repetitions=5)
    print(f"{'pass':>15} {'law':>4} {'d':>4} {'ns a row':>9}")
    cases = ((*name.split("/"), ns) for name, ns in medians.items())
    for name, law, d, ns in sorted(cases, key=lambda case: (case[0], case[1], int(case[2]))):
        print(f"{name:>15} {law:>4} {d:>4} {ns:9.1f}")


if __name__ == "__main__":
    main()
