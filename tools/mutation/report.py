"""The table of a mutation round, and its figures."""

from collections.abc import Sequence
from pathlib import Path

from mutation.sites import FOLDERS, Site
from mutation.trials import Result

Ended = Sequence[tuple[Site, Result]]
SHOWN = 100  # characters of a statement


class Equivalents:
    """Mutants known to change nothing that a caller could see: lines of `NUMBER FILE: reason`."""

    def __init__(self, path: Path) -> None:
        self._reasons: dict[int, str] = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                if line and not line.startswith("#"):
                    number, _, rest = line.partition(" ")
                    self._reasons[int(number)] = rest.partition(": ")[2]

    def reason(self, site: Site) -> str | None:
        """Why a mutant is equivalent; None where it is not known to be."""
        return self._reasons.get(site.number)


def _row(name: str, ended: Ended, equivalents: Equivalents) -> str:
    killed = sum(bool(result.killed_by) for _, result in ended)
    equivalent = sum(
        not result.killed_by and equivalents.reason(site) is not None for site, result in ended
    )
    count = len(ended)
    rate = f"{100 * killed / count:.1f}%" if count else "-"
    rest = f"{100 * killed / (count - equivalent):.1f}%" if count > equivalent else "-"
    left = count - killed - equivalent
    return f"| {name} | {count} | {killed} | {equivalent} | {left} | {rate} | {rest} |"


def summary(ended: Ended, equivalents: Equivalents) -> str:
    """Return the figures, a line a folder."""
    rows = [
        "| folder | mutants | killed | equivalent | survived | of all | of the rest |",
        "|---|---|---|---|---|---|---|",
    ]
    for folder in FOLDERS:
        some = [(site, result) for site, result in ended if site.folder == folder]
        if some:
            rows.append(_row(folder, some, equivalents))
    return "\n".join([*rows, _row("all", ended, equivalents)])


def _cell(text: str) -> str:
    short = text if len(text) <= SHOWN else text[:SHOWN] + " ..."
    return "`" + short.replace("|", "\\|").replace("`", "'").replace("\n", " ") + "`"


def _survivors_first(one: tuple[Site, Result]) -> tuple[bool, str, int, int]:
    site, result = one
    return bool(result.killed_by), site.file, site.line, site.number


def write_report(path: Path, seed: int, ended: Ended, equivalents: Equivalents) -> None:
    """Write every mutant with its end, survivors first."""
    lines = [f"# Mutants of seed {seed}", "", summary(ended, equivalents), ""]
    lines += ["| number | place | kind | was | is | end |", "|---|---|---|---|---|---|"]
    for site, result in sorted(ended, key=_survivors_first):
        end = result.killed_by or f"SURVIVED {result.tests} tests"
        if not result.killed_by and (reason := equivalents.reason(site)) is not None:
            end = f"equivalent: {reason}"
        place = f"{site.file}:{site.line}"
        cells = (str(site.number), place, site.kind, _cell(site.before), _cell(site.after), end)
        lines.append(f"| {' | '.join(cells)} |")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
