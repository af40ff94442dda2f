"""Measures the constants of docs/scaling.md, and checks its model of the cost against runs.

    ./scripts/bench scaling [--rows N] [--partitions K]

On one thread: an E-step, bytes of a partial, the time to merge two, reading Parquet; dask's cost of
a task on a LocalCluster. Then a fit of a folder of Parquet files at 1 and 2 workers, beside the sum
of reading and E-steps of the same loop without dask.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from dask.delayed import delayed
from distributed import Client, LocalCluster, get_task_stream
from machine import commit

import varimix
from varimix import BatchEMFitter, NormalInverseGaussian, open_source
from varimix.distributed import e_step_partial, fit, fit_partials, merge_in_order, merge_partials
from varimix.distributed import model_bytes as bytes_of
from varimix.distributed.engine import Engine
from varimix.distributed.partitions import partitions_of

REPEATS = 5
TASKS = 500
COLUMNS = 20


def one_thread() -> None:
    """Leave the other cores to other workers."""
    varimix.set_threads(1)  # by the module, which pickles


def law(d: int) -> NormalInverseGaussian:
    """Return a law of d columns."""
    return NormalInverseGaussian.from_classical(np.zeros(d), np.full(d, 0.1), np.eye(d), 1.0, 1.5)


def least(work: Callable[[], Any]) -> float:
    """Return the least of some times of a piece of work, seconds."""
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def constants() -> None:
    """Print what one thread takes."""
    for d, rows in ((2, 500_000), (10, 200_000), (COLUMNS, 100_000), (100, 20_000)):
        model, x = law(d), law(d).rvs(rows, 1)
        seconds = least(lambda model=model, x=x: model.e_step(x))
        full = least(lambda model=model, x=x: e_step_partial(bytes_of(model), x))
        print(
            f"E-step, d = {d}: {1e9 * seconds / rows:.0f} ns a row; "
            f"first and last pass {1e9 * full / rows:.0f}"
        )
    for d in (10, 100, 1000):
        model, x = law(d), law(d).rvs(d + 2, 1)
        partial = e_step_partial(bytes_of(model), x)
        seconds = least(lambda partial=partial: merge_partials(partial, partial))
        numbers = 8 * (3 + 2 * d + d * (d + 1) // 2)
        print(
            f"partial, d = {d}: {len(partial)} bytes (eta itself {numbers}), "
            f"{1e3 * seconds:.2f} ms a merge"
        )


def write(folder: Path, rows: int, partitions: int) -> list[str]:
    """Write Parquet files of a law's rows and return their paths."""
    for k in range(partitions):
        x = law(COLUMNS).rvs(rows // partitions, k)
        table = pa.table({f"c{j}": x[:, j] for j in range(COLUMNS)})
        pq.write_table(
            table, folder / f"part-{k}.parquet", compression="none", use_dictionary=False
        )
    return [str(folder / f"part-{k}.parquet") for k in range(partitions)]


def computed(tasks: list[dict[str, Any]], name: str) -> float:
    """Return the time that workers spent in tasks of a name, seconds."""
    return sum(
        spell["stop"] - spell["start"]
        for task in tasks
        if name in str(task["key"])
        for spell in task["startstops"]
        if spell["action"] == "compute"
    )


def per_task(client: Client) -> float:
    """Return the time that a task of no work takes, seconds."""
    engine = Engine(partitions_of([delayed(np.zeros((1, 2)))] * TASKS), client, persist=False)
    return least(lambda: engine.on_each(len)) / TASKS


def runs(folder: Path, files: list[str], rows: int) -> None:
    """Print the fit by a loop without dask, and at 1 and 2 workers."""
    init = NormalInverseGaussian.default_init(open_source(files[0]).gather())
    spent = {"reading": 0.0, "E-step": 0.0, "all": 0.0}
    fitter = BatchEMFitter(max_iter=6, tol=0.0)

    def e_step(question: bytes) -> bytes:
        partials = []
        for file in files:
            begin = time.perf_counter()
            x = open_source(file).gather()
            read = time.perf_counter()
            partials.append(e_step_partial(question, x))
            spent["reading"] += read - begin
            spent["E-step"] += time.perf_counter() - read
        return merge_in_order(partials, merge_partials)

    one_thread()
    begin = time.perf_counter()
    serial = fit_partials(init, e_step, fitter)
    spent["all"] = time.perf_counter() - begin
    passes = serial.n_iter + 1  # one more for the likelihood of the last model
    print(
        f"{rows} rows x {COLUMNS}, {len(files)} files, {passes} passes; "
        f"without dask {spent['all']:.2f} s: "
        f"reading {1e9 * spent['reading'] / passes / rows:.0f} ns a row, "
        f"E-step {1e9 * spent['E-step'] / passes / rows:.0f}"
    )
    for workers in (1, 2):
        options = {"threads_per_worker": 1, "processes": True, "dashboard_address": ":0"}
        with LocalCluster(n_workers=workers, **options) as cluster, Client(cluster) as client:
            client.run(one_thread)
            fit(folder, init=init, client=client, max_iter=1)  # workers import what they need
            with get_task_stream(client) as stream:
                begin = time.perf_counter()
                result = fit(folder, init=init, client=client, max_iter=6, tol=0.0)
                seconds = time.perf_counter() - begin
            pure, merging = computed(stream.data, "_on_partition"), computed(stream.data, "_merged")
            same = result.model == serial.model
            print(
                f"{workers} workers: {seconds:.2f} s; of their time {pure:.2f} s reading and "
                f"E-steps, {merging:.2f} s merges: {seconds * workers / pure - 1:+.0%} over the "
                f"former; the same bits: {same}"
            )
            if workers == 1:
                print(f"dask: {1e3 * per_task(client):.2f} ms a task")


def main() -> None:
    """Print all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=4_000_000)
    parser.add_argument("--partitions", type=int, default=16)
    given = parser.parse_args()
    print(commit())
    one_thread()
    constants()
    with tempfile.TemporaryDirectory() as folder:
        files = write(Path(folder), given.rows, given.partitions)
        runs(Path(folder), files, given.rows)


if __name__ == "__main__":
    main()
