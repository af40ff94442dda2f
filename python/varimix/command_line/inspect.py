"""``varimix inspect``: what is in a model file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from varimix.command_line import options as of

if TYPE_CHECKING:
    from rich.table import Table

FILES_SHOWN = 10
COLUMNS_SHOWN = 40


def inspect(model: of.Model, as_json: of.Json = False) -> None:
    """Show what is in MODEL: family, parameters, rows, status, columns, files, version."""
    from varimix.command_line.models import described, load, payload_of
    from varimix.command_line.notes import read_notes
    from varimix.command_line.writing import print_json

    state, notes = load(model), read_notes(model)
    payload = payload_of(model.read_bytes())
    position = payload["state"]["position"]
    found = described(state, notes) | {
        "rule": payload["state"]["rule"]["name"],
        "options": payload["state"]["options"],
        "files": position["items"],
        "passes": position["pass"] + 1,
        "varimix": payload["library_version"],
        "has_notes": notes is not None,
    }
    if as_json:
        print_json(found)
    else:
        _show(str(model), found)


def _show(path: str, found: dict[str, Any]) -> None:
    from rich.console import Console

    columns = "1 column" if found["d"] == 1 else f"{found['d']} columns"
    print(f"{path}: {found['family']} of {columns}, varimix {found['varimix']}")
    what = "rows" if found["returns"] in (None, "none") else f"{found['returns']} returns"
    print(f"{found['rows']:,.0f} {what}, {found['steps']:,} steps of {found['rule']}")
    score = found["log_score"]
    if score["mean"] is not None:
        print(
            f"log score {score['mean']:.6f} nats per row before it was learned, "
            f"{score['recent']:.6f} recently; drift signals: {found['drift_signals']}"
        )
    _show_files(found["files"])
    for entry in found["status"]:
        detail = f" ({entry['detail']})" if entry["detail"] else ""
        print(f"status {entry['code']}{detail}: {entry['advice'] or 'nothing to be done'}")
    if not found["has_notes"]:
        unknown = "returns are" if found["has_names"] else "names of columns, and returns, are"
        print(f"no notes beside it: {unknown} not known")
    shape = {k: v for k, v in found["parameters"].items() if isinstance(v, float)}
    print("law of Y: " + ", ".join(f"{name} = {value:.6g}" for name, value in shape.items()))
    Console(highlight=False, markup=False).print(_table(found))
    if found["d"] > COLUMNS_SHOWN:
        print(f"and {found['d'] - COLUMNS_SHOWN} columns more (--json has all)")


def _show_files(files: list[dict[str, Any]]) -> None:
    for item in files[:FILES_SHOWN]:
        print(f"learned {item['name'] or 'rows in memory'}: {item['rows']:,} rows")
    if len(files) > FILES_SHOWN:
        print(f"and {len(files) - FILES_SHOWN} more")


def _table(found: dict[str, Any]) -> Table:
    from rich.table import Table

    parameters = found["parameters"]
    table = Table("column", "mu", "gamma", "sigma_jj", box=None, pad_edge=False)
    for j, name in enumerate(found["columns"][:COLUMNS_SHOWN]):
        numbers = parameters["mu"][j], parameters["gamma"][j], parameters["sigma"][j][j]
        table.add_row(name, *(f"{number:.6g}" for number in numbers))
    return table
