"""Compares the instructions and the allocations of the hot paths with those recorded.

    tools/check_instructions.py PROGRAM [--record]

PROGRAM is varimix_instructions (tests/instructions). Valgrind counts; its processor has AVX2, so
that counts do not depend on the machine's, nor on its load. They do depend on the compiler: where
another one made PROGRAM, or valgrind is missing, nothing is compared and the exit status is 77
(skipped).
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

RECORDED = Path(__file__).resolve().parent.parent / "tests" / "instructions" / "recorded.json"
TOLERANCE = 0.03  # a change of code that costs less is not worth a failure
SKIPPED = 77
REPETITIONS = 20


def compiler_of(program: Path) -> str:
    """Return the compiler that wrote its name into the program."""
    comment = subprocess.run(
        ["readelf", "-p", ".comment", program], check=True, capture_output=True, text=True
    )
    return "; ".join(re.findall(r"\]\s+(.*)", comment.stdout))


def costs(program: Path, case: str) -> dict[str, int]:
    """Return the instructions and the allocations of one repetition."""
    ran = subprocess.run(
        [
            "valgrind",
            "--tool=callgrind",
            "--toggle-collect=counted",
            "--callgrind-out-file=/dev/null",
            program,
            case,
            str(REPETITIONS),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    collected = re.search(r"Collected\s*:\s*(\d+)", ran.stderr)
    if collected is None:
        sys.exit(f"valgrind told no instructions:\n{ran.stderr}")
    return {
        "instructions": int(collected[1]) // REPETITIONS,
        "allocations": int(ran.stdout) // REPETITIONS,
    }


def main() -> None:
    """Print a line for each cost; exit with 1 where one is more or less than recorded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path)
    parser.add_argument("--record", action="store_true", help="write what is counted")
    arguments = parser.parse_args()
    if shutil.which("valgrind") is None:
        print("skipped: there is no valgrind")
        sys.exit(SKIPPED)
    compiler = compiler_of(arguments.program)
    recorded = json.loads(RECORDED.read_text()) if RECORDED.exists() else {}
    if not arguments.record and recorded["compiler"] != compiler:
        print(f"skipped: made by {compiler}, recorded by {recorded['compiler']}")
        sys.exit(SKIPPED)
    cases = subprocess.run([arguments.program], check=True, capture_output=True, text=True)
    counted = {case: costs(arguments.program, case) for case in cases.stdout.splitlines()}
    if arguments.record:
        written = {"compiler": compiler, "cases": counted}
        RECORDED.write_text(json.dumps(written, indent=2) + "\n")
        return
    expected = recorded["cases"]
    failed = counted.keys() != expected.keys()
    for case, cost in counted.items():
        for what, count in cost.items():
            before = expected.get(case, cost)[what]
            change = count / before - 1.0 if before else float(count)
            failed |= abs(change) > TOLERANCE
            print(f"{case:>42} {count:>12,} {what:<12} {change:+7.2%}")
    if failed:
        sys.exit(
            "another number of instructions or allocations than recorded; where that is meant: "
            "tools/check_instructions.py PROGRAM --record"
        )


if __name__ == "__main__":
    main()
