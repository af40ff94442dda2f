"""Runs blocks of examples until the time is over: ``python -m machine SECONDS SEED [--shrink]``."""

import sys
import time

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from machine.base import Clock, log
from machine.machine import Machine

EXAMPLES = 12  # in a block
STEPS = 30  # in an example, at most


def run_block(seed: int, *, shrink: bool) -> None:
    """Run one block; raises the failure that it found."""
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    block = settings(
        max_examples=EXAMPLES, stateful_step_count=STEPS, phases=phases, deadline=None,
        database=None, derandomize=False, print_blob=False, report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    log(f"=== block {seed}")
    run_state_machine_as_test(hypothesis.seed(seed)(Machine), settings=block)


def main(seconds: float, seed: int, *, shrink: bool) -> int:
    """Run the blocks seed, seed + 1, ... and say what each found; ends at the first failure."""
    Clock.end = time.process_time() + seconds
    blocks = 0
    while True:
        try:
            run_block(seed + blocks, shrink=shrink)
        except Exception as error:
            if Clock.is_over and not Clock.has_failed:
                return 0
            name = str(error).split("\n", 1)[0] or type(error).__name__
            print(f"machine: {name}", *getattr(error, "__notes__", ()), sep="\n")
            print(f"machine: block {seed + blocks} failed", flush=True)
            return 1
        blocks += 1
        print(f"machine: block {seed + blocks - 1} held", flush=True)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2]), shrink="--shrink" in sys.argv))
