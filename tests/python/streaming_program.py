"""A program that streams a file with checkpoints until it is done or killed, for test_kill.py.

usage: streaming_program.py ROWS.npy CHECKPOINT
"""

import sys
from pathlib import Path

from varimix import NormalInverseGaussian, OnlineEM, fit_stream

BATCH_SIZE = 64
EVERY = 10
START = NormalInverseGaussian.from_classical(
    mu=[0, 0], gamma=[0.1, 0.1], sigma=[[1, 0], [0, 1]], mu_ig=1.0, lam=1.0
)


def main(rows: str, checkpoint: str) -> None:
    """Stream the rows in two shuffled passes; rows that a killed run learned are not read again."""
    state = OnlineEM(START, key=7)
    fit_stream(
        state,
        Path(rows),
        batch_size=BATCH_SIZE,
        passes=2,
        shuffle_buffer=500,
        checkpoint=checkpoint,
        every=EVERY,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
