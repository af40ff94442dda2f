"""Times the kernels of an E-step beside what the machine can do, and explains the distance."""

from dataclasses import dataclass

from google_benchmark import Runs
from kernel_costs import KERNELS, Bound, Cost, Machine, bound_of
from tables import number, table

FAR = 0.5  # a kernel below this share of its bound is explained
PEAK = "peak/"

KERNEL_HEADS = (
    "kernel, d",
    "operations",
    "bytes",
    "beyond L2",
    "bound, ns",
    "set by",
    "measured, ns",
    "reached",
)

KERNELS_TEXT = """\
Operations and bytes a row are counted by formulas (`bench/kernel_costs.py`): a fused multiply-add
is two operations; bytes are those loaded and stored. The bound is the longest of the times that
arithmetic, the first-level cache and what lies beyond the second need for their parts, each as if
the others cost nothing; a kernel that does several of these cannot quite reach it. Each kernel runs
by itself on blocks of {rows} rows, as in the E-step, and is checked against plain loops first;
times, and what the machine can do, are the least of the repetitions.
`transpose_rows` goes through {megabytes} MB of rows, `transpose_cached` is the same kernel on one
block again and again. `distance` is `distances_and_exponents`, counted as if no row were so far off
that it needs a root, a division and its misalignment. `table` is `BesselTable::evaluate` of all
four functions."""

# What keeps a kernel far from its bound, for the document where it is far.
TURNING = (
    "it turns four rows of two columns at a time, in vectors of four doubles at most, with shuffles"
    " that the bound leaves out"
)
REASONS = {
    "transpose_rows": TURNING,
    "transpose_cached": f"{TURNING}; it stores as many bytes as it loads, and a core stores less in"
    " a cycle than it loads, and from some thirty columns on both lie in the second-level cache",
    "distance": (
        "with few columns a group of rows waits for its own results - a column for the ones before"
        " it - every block begins with work for all its rows, the length of the skewness and checks"
        " of the pivots, and rows that are far off bring misalignments for the rows beside them"
    ),
    "table": (
        "rows find their polynomials each for itself, in vectors of four coefficients, which"
        " shuffles turn into vectors of rows, and arithmetic on integers comes before"
    ),
    "accumulate": (
        "every tile of sums ends with sums over the lanes of its vectors, once a block, it computes"
        " some products above the diagonal, and beyond some thirty columns a block lies in the"
        " second-level cache"
    ),
}


@dataclass(frozen=True)
class KernelTime:
    """A kernel at some d: what it does, its bound, and its time."""

    kernel: str
    d: int
    cost: Cost
    bound: Bound
    ns: float

    @property
    def reached(self) -> float:
        """The share of the bound's rate."""
        return self.bound.ns / self.ns


def machine_of(runs: Runs) -> Machine:
    """Return what one core does at most: the best of the repetitions."""
    best = {name: min(times) for name, times in runs.ns.items() if name.startswith(PEAK)}
    return Machine(
        lanes=int(runs.context["lanes"]),
        operation=0.5 * best["peak/multiply_add"],
        byte=best["peak/read/first_level"],
        memory_byte=best["peak/read/memory"],
    )


def kernel_times(runs: Runs, machine: Machine) -> list[KernelTime]:
    """Return the least times of the kernels, in the order of an E-step."""
    found = []
    for name, ns in runs.least().items():
        if name.startswith(PEAK):
            continue
        kernel, d = name.split("/")
        cost = KERNELS[kernel](int(d), machine.lanes)
        found.append(KernelTime(kernel, int(d), cost, bound_of(cost, machine), ns))
    return sorted(found, key=lambda time: (list(KERNELS).index(time.kernel), time.d))


def kernel_table(times: list[KernelTime]) -> list[str]:
    """Return the table of the kernels."""
    return table(
        KERNEL_HEADS,
        (
            [
                f"`{time.kernel}`, {time.d}",
                f"{time.cost.operations:,}",
                number(time.cost.bytes),
                f"{time.cost.memory_bytes:,}",
                number(time.bound.ns),
                time.bound.by,
                number(time.ns),
                f"{time.reached:.0%}",
            ]
            for time in times
        ),
    )


def far_from_bound(times: list[KernelTime]) -> list[str]:
    """Return a line for each kernel that is below half of its bound at some d."""
    lines = []
    for kernel in KERNELS:
        far = [time for time in times if time.kernel == kernel and time.reached < FAR]
        if far:
            where = ", ".join(f"{time.d} ({time.reached:.0%})" for time in far)
            lines.append(f"* `{kernel}` at d = {where}: {REASONS[kernel]}.")
    return lines
