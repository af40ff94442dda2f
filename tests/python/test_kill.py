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
POLL_SECONDS = 0.001


def command(rows: Path, checkpoint: Path) -> list[str]:
    return [sys.executable, str(PROGRAM), str(rows), str(checkpoint)]


def duration_of(rows: Path, checkpoint: Path) -> float:
    """Run the program undisturbed; return how long it took in seconds."""
    started = time.monotonic()
    subprocess.run(command(rows, checkpoint), check=True)
    return time.monotonic() - started


def version_of(checkpoint: Path) -> tuple[int, int] | None:
    """What changes whenever the checkpoint is written anew; None where there is none."""
    try:
        status = checkpoint.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns


def test_a_killed_stream_ends_with_the_bits_of_an_undisturbed_one(tmp_path: Path) -> None:
    rows = tmp_path / "rows.npy"
    np.save(rows, np.random.default_rng(0).standard_t(4, (ROWS, 2)))
    undisturbed = tmp_path / "undisturbed"
    duration_of(rows, undisturbed)  # the first run compiles what it imports
    duration = duration_of(rows, tmp_path / "timed")

    moments = random.Random(SEED)
    checkpoint = tmp_path / "killed"
    kills = finished = resumed = 0
    while kills < KILLS or not finished:
        before = version_of(checkpoint)
        resumed += before is not None
        run = subprocess.Popen(command(rows, checkpoint))
        # Every other kill waits for a checkpoint of this run, however long its start takes.
        while kills % 2 == 0 and run.poll() is None and version_of(checkpoint) == before:
            time.sleep(POLL_SECONDS)
        try:
            run.wait(moments.uniform(0, duration) if kills < KILLS else None)
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
