"""Work at once in several threads, for tests of what threads share."""

import threading
from collections.abc import Callable

# A test that waits for something gets this many seconds; one that waits for ever fails then.
PATIENCE = 60.0
# A state learns this many batches while other threads look at it.
STEPS = 60


def together(*works: Callable[[], object]) -> list[object]:
    """Run the works at once; fail if one raises, or they wait for each other."""
    results: dict[int, object] = {}
    errors: list[BaseException] = []

    def run(k: int, work: Callable[[], object]) -> None:
        try:
            results[k] = work()
        except BaseException as error:
            errors.append(error)

    threads_ = [
        threading.Thread(target=run, args=(k, work), daemon=True) for k, work in enumerate(works)
    ]
    for thread in threads_:
        thread.start()
    for thread in threads_:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads_), "they wait for each other"
    if errors:
        raise errors[0]
    return [results[k] for k in range(len(works))]
