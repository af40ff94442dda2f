"""The table of standard errors, as statsmodels writes such tables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from varimix.inference.standard_errors import Inference

INDEPENDENT = (
    "Rows are taken as independent. Where volatility lasts, as in daily returns, such intervals of "
    "standard deviations, tails and risk cover 45 to 70 percent, not 95: use cov_type='hac'."
)
DEPENDENT = (
    "Rows may depend on each other. Where nearly all of their volatility lasts (a correlation of "
    ".99 from row to row) such intervals cover 85 to 94 percent in 2000 rows."
)
STREAM = (
    "Rows are taken as independent, and their law as one that does not change along the stream."
)
ABOUT_ROWS = {"hac": DEPENDENT, "ewma": STREAM, "bootstrap": STREAM}
WIDTH = 79


def summary_of(found: Inference, alpha: float) -> str:
    """Return a head, a table with a line a number, and the notes."""
    head = [
        ("Family:", found.family, "Rows:", f"{found.n}"),
        ("Covariance type:", found.cov_type, "Log-likelihood:", f"{found.log_likelihood:.6g}"),
        ("Free parameters:", f"{found.free_parameters}", "Weight:", f"{found.total_weight:g}"),
    ]
    width = max(WIDTH, 6 + max((len(name) for name in found.params), default=0) + 5 * 11)
    lines = ["Standard errors".center(width), "=" * width]
    for left, one, right, two in head:
        half = width // 2 - 1
        lines.append(
            f"{left}{one:>{half - len(left)}}  {right}{two:>{width - half - 2 - len(right)}}"
        )
    lines += ["=" * width, *_table(found, alpha, width), "=" * width]
    if found.bse:
        lines += wrapped(ABOUT_ROWS.get(found.cov_type, INDEPENDENT), width)
    for _, sentence, detail in found.notes:
        lines += wrapped(sentence + (f" ({detail})" if detail else ""), width)
    return "\n".join(lines)


def _table(found: Inference, alpha: float, width: int) -> list[str]:
    ends = (f"[{alpha / 2:.3g}", f"{1 - alpha / 2:.3g}]")
    name_width = width - 55
    lines = [" " * name_width + "".join(f"{t:>11}" for t in ("value", "std err", "z", *ends))]
    lines.append("-" * width)
    intervals = found.conf_int(alpha) if found.bse else {}
    for name, value in found.params.items():
        line = f"{name:<{name_width}}{value:>11.4g}"
        if found.bse:
            error = found.bse[name]
            low, high = intervals[name]
            z = value / error if error > 0.0 else math.inf
            line += f"{error:>11.3g}{z:>11.3g}{low:>11.4g}{high:>11.4g}"
        lines.append(line)
    return lines


def wrapped(text: str, width: int) -> list[str]:
    """Return the lines of a text."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines
