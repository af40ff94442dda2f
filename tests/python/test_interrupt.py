"""Ctrl-C in a long fit raises KeyboardInterrupt after the batch in hand; the state is usable."""

import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from numpy.typing import NDArray

from varimix import IncrementalEMFitter, NormalInverseGaussian

# A child may take this long for work of a second.
PATIENCE_SECONDS = 60

# The child fits for hours; it tells when it is in the midst of that, and at the end its state.
CHILD = """
import signal, threading, time
import numpy as np
from varimix import IncrementalEMFitter, NormalInverseGaussian, RobbinsMonroUpdate

# A shell may have told its children to ignore the signal.
signal.signal(signal.SIGINT, signal.default_int_handler)
X = NormalInverseGaussian.from_classical([0, 0], [0.4, -0.3], np.eye(2), 1.0, 1.5).rvs(2000, seed=0)
init = NormalInverseGaussian.default_init(X)

class Watched(IncrementalEMFitter):
    running = None

    def run(self, state, *args, **options):
        self.running = state
        return super().run(state, *args, **options)

def fitter(steps):
    rule = RobbinsMonroUpdate(tau0=10.0)
    return Watched(batch_size=100, max_steps=steps, eta_update=rule, verbose=VERBOSE)

long = fitter(10**9)

def tell():
    while long.running is None or long.running.step == 0:
        time.sleep(0.001)
    print("fitting", flush=True)

threading.Thread(target=tell, daemon=True).start()
try:
    long.fit(init, X, key=7)
except KeyboardInterrupt:
    print("interrupted")
state = long.state
steps = state.step
whole = fitter(steps).fit(init, X, key=7)
print("finite", all(np.isfinite(a).all() for a in (state.model.mu, state.model.L_Sigma)))
print("as if so many steps had been asked for", steps > 0 and state.model == whole.model)
print("rows", state.total_weight == 100 * steps)
state.update(X[:100])
print("continues", state.step == steps + 1 and state.total_weight == 100 * (steps + 1))
"""


@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
@pytest.mark.parametrize("verbose", [0, 1])
def test_control_c_ends_a_fit_after_the_batch_in_hand(verbose: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD.replace("VERBOSE", str(verbose))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watchdog = threading.Timer(PATIENCE_SECONDS, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "fitting\n", process.communicate()[1]
        process.send_signal(signal.SIGINT)
        out, error = process.communicate()
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()
    assert out.splitlines() == [
        "interrupted",
        "finite True",
        "as if so many steps had been asked for True",
        "rows True",
        "continues True",
    ], error
    assert process.returncode == 0, error


class StopError(Exception):
    """An error that a progress callback raises below."""


def test_an_exception_of_the_progress_callback_is_raised_and_leaves_a_usable_state(
    rows: NDArray[np.float64], init: NormalInverseGaussian
) -> None:
    fitter = IncrementalEMFitter(batch_size=100, max_steps=10**9)
    state = fitter.start(init)
    seen: list[int] = []

    def progress(steps: int) -> None:
        seen.append(steps)
        if len(seen) == 2:
            raise StopError

    with pytest.raises(StopError):
        fitter.run(state, rows, key=7, progress=progress)
    assert 0 < seen[0] < seen[1] == state.step
    completed = IncrementalEMFitter(batch_size=100, max_steps=state.step).fit(init, rows, key=7)
    assert state.model == completed.model


def test_a_state_goes_on_where_it_stopped(
    rows: NDArray[np.float64], init: NormalInverseGaussian
) -> None:
    fitter = IncrementalEMFitter(batch_size=100, max_steps=15)
    result = fitter.fit(init, rows, key=7)
    state = fitter.state
    assert state is not None
    assert state.model == result.model
    again = fitter.run(state, rows, key=7)
    assert again.n_iter == 15
    assert state.step == 30
    whole = IncrementalEMFitter(batch_size=100, max_steps=30).fit(init, rows, key=7)
    assert again.model == whole.model
