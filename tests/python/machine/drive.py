"""Starts the machine in processes of its own: ``python -m machine.drive SECONDS [SEED]``.

A process that a signal ends is a finding: its last calls are in its log.
"""

import os
import re
import resource
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHOWN_STEPS = 30
BLOCKS_APART = 10_000  # seeds from one core's first block to the next one's
GRACE = 900.0  # seconds beyond a run's time, for the example in hand and for shrinking
WALL_PER_CPU = 40.0  # seconds per second, on a machine that does much else


@dataclass(frozen=True)
class Finding:
    """A block that failed."""

    seed: int
    claim: str
    report: str


def run(seconds: float, seed: int, folder: Path, *, shrink: bool) -> tuple[str, Finding | None]:
    """Run blocks from ``seed`` on in one process until the time is over or one fails."""
    log = folder / f"{seed}.log"
    log.unlink(missing_ok=True)
    environment = os.environ | {
        "PYTHONPATH": str(HERE.parent), "VARIMIX_MACHINE_LOG": str(log), "PYTHONHASHSEED": "0",
    }  # fmt: skip
    command = [sys.executable, "-X", "faulthandler", "-m", "machine", str(seconds), str(seed)]
    wall = WALL_PER_CPU * seconds + GRACE
    child = subprocess.run(
        command + ["--shrink"] * shrink, env=environment, cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=wall, check=False,
    )  # fmt: skip
    if child.returncode == 0:
        return child.stdout, None
    return child.stdout, _finding(child.returncode, child.stdout, log, seed)


def _finding(code: int, output: str, log: Path, seed: int) -> Finding:
    lines = log.read_text().splitlines() if log.exists() else []
    blocks = [line.removeprefix("=== block ") for line in lines if line.startswith("=== block ")]
    block = int(blocks[-1]) if blocks else seed
    said = [line for line in output.splitlines() if line.startswith("machine: ")]
    if code > 0:
        failed = [
            line for line in said if not re.fullmatch(r"machine: block \d+ (held|failed)", line)
        ]
        name = failed[0].removeprefix("machine: ") if failed else output[-500:]
        return Finding(
            block, name, "\n".join(filter(lambda line: "no_state" not in line, output.splitlines()))
        )
    last = max((k for k, line in enumerate(lines) if line == "--- example"), default=0)
    steps = lines[last + 1 :][-SHOWN_STEPS:]
    name = f"killed by {signal.Signals(-code).name}"
    return Finding(
        block,
        f"{name} in: {steps[-1] if steps else '?'}",
        "\n".join([output[-3000:], name, *steps]),
    )


def kind(finding: Finding) -> str:
    """Return what findings of the same fault have in common, roughly: the claim and its words."""
    return re.sub(r"[-+0-9.e]+|\[[^]]*\]|'[^']*'", "#", finding.claim)[:60]


def cpu_seconds() -> float:
    """Return the processor time that all child processes which have ended took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(seconds: float, seed: int, *, shrink: bool) -> int:
    """Run on every core; after a failure go on from the next block."""
    folder = Path.cwd() / "build" / "machine"
    folder.mkdir(parents=True, exist_ok=True)
    print(f"machine: scripts/machine {seconds:.0f} {seed} repeats this run", flush=True)
    found: dict[str, Finding] = {}
    cores = len(os.sched_getaffinity(0))

    def core(number: int) -> int:
        first = following = seed + BLOCKS_APART * number
        while (left := seconds - cpu_seconds()) > 0:
            output, finding = run(left / cores, following, folder, shrink=shrink)
            following += len(re.findall(r"block \d+ held", output))
            if finding is not None:
                following = finding.seed + 1
                if kind(finding) not in found:
                    found[kind(finding)] = finding
                    print(
                        f"\nmachine: scripts/machine 300 {finding.seed}\n{finding.report}",
                        flush=True,
                    )
        return following - first

    with ThreadPoolExecutor(cores) as pool:
        blocks = sum(pool.map(core, range(cores)))
    print(f"\nmachine: {blocks} blocks, {len(found)} findings")
    for finding in found.values():
        print(f"  scripts/machine 300 {finding.seed}: {finding.claim[:160]}")
    return 1 if found else 0


if __name__ == "__main__":
    fresh = time.time_ns() // 1_000_000_000 % 1_000_000 * 100
    is_given = sys.argv[2] != ""
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2] if is_given else fresh), shrink=is_given))
