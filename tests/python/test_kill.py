"""A stream that is killed and started again ends with the bits of one that was not."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from varimix import OnlineEM

PROGRAM = Path(__file__).with_name("streaming_program.py")
KILLS = 200 if os.environ.get("VARIMIX_FULL") else 5
ROWS = 10_000
SEED = 20261126


def command(rows: Path, checkpoint: Path) -> list[str]:
    return [sys.executable, str(PROGRAM), str(rows), str(checkpoint)]


def times_of(rows: Path, checkpoint: Path) -> tuple[float, float]:
    """Run the program undisturbed; return seconds to its first checkpoint, and to its end."""
    started = time.monotonic()
    run = subprocess.Popen(command(rows, checkpoint))
    while run.poll() is None and not checkpoint.exists():
        time.sleep(0.005)
    first = time.monotonic() - started
    assert run.wait() == 0
    return first, time.monotonic() - started


def test_a_killed_stream_ends_with_the_bits_of_an_undisturbed_one(tmp_path: Path) -> None:
    rows = tmp_path / "rows.npy"
    np.save(rows, np.random.default_rng(0).standard_t(4, (ROWS, 2)))
    undisturbed = tmp_path / "undisturbed"
    times_of(rows, undisturbed)  # the first run compiles what it imports
    first, duration = times_of(rows, tmp_path / "timed")

    moments = random.Random(SEED)
    checkpoint = tmp_path / "killed"
    kills = finished = resumed = 0
    while kills < KILLS or not finished:
        resumed += checkpoint.exists()
        run = subprocess.Popen(command(rows, checkpoint))
        try:
            run.wait(moments.uniform(first, duration) if kills < KILLS else None)
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
            run.wait()
            kills += 1
            continue
        assert run.returncode == 0
        assert checkpoint.read_bytes() == undisturbed.read_bytes()
        finished += 1
        checkpoint.unlink()
        checkpoint.with_name("killed.prev").unlink(missing_ok=True)
    assert resumed > 0
    # A checkpoint that was being written at a kill leaves no state, and stays aside.
    assert OnlineEM.load(undisturbed).total_weight == 2 * ROWS
