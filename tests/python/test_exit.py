"""A program that ends while its daemon threads are inside varimix ends as any other."""

import subprocess
import sys

import pytest

PATIENCE_SECONDS = 60

PROGRAM = """
import threading, time
import numpy as np
import varimix as vx

model = vx.NormalInverseGaussian.from_classical([0, 0], [0.4, -0.3], np.eye(2), 1.0, 1.5)
X = model.rvs(20000, seed=0)
begun = threading.Event()

class Latest:
    def accumulate(self, eta, batch, info):
        begun.set()
        return batch

def compute():
    while True:
        begun.set()
        model.log_prob(X)

def call_back():
    fitter = vx.IncrementalEMFitter(max_steps=10**9)
    fitter.fit(model, X, key=0, callback=lambda report: begun.set())

def ask_a_rule():
    state = vx.OnlineEM(model, Latest())
    while True:
        state.update(X[:10])

for _ in range(4):
    threading.Thread(target=WORK, daemon=True).start()
assert begun.wait(30)
time.sleep(0.05)
print("ends")
"""


@pytest.mark.parametrize("work", ["compute", "call_back", "ask_a_rule"])
def test_it_ends_without_a_signal(work: str) -> None:
    for _ in range(5):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM.replace("WORK", work)],
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "ends\n", "")
