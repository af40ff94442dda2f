"""``varimix convert``: a model file as JSON or plain CBOR, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from varimix.command_line import options as of

NOT_FINITE = "not_finite"
"""JSON has no infinity and no NaN: they are written as {"not_finite": "nan"}."""
ENDINGS = (".vmx", ".json", ".cbor")


def convert(
    source: Annotated[
        Path, typer.Argument(metavar="FROM", help="A .json or .cbor file, or a model file.")
    ],
    target: Annotated[Path, typer.Argument(metavar="TO", help="A .json, .cbor or .vmx file.")],
    as_json: of.Json = False,
) -> None:
    """Write all of a model's state in another format: nothing is lost on the way and back.

    The keys are those of docs/checkpoint_format.md. CBOR is the payload of the model file.
    """
    from varimix import OnlineEM
    from varimix.command_line.exits import BadDataError, WrongUseError
    from varimix.command_line.learning import require_writable
    from varimix.command_line.models import bytes_of
    from varimix.command_line.writing import print_json

    if target.suffix.lower() not in ENDINGS:
        raise WrongUseError(f"TO must end in one of {', '.join(ENDINGS)}, got {str(target)!r}")
    require_writable(target)
    payload = _read(source)
    try:
        state = OnlineEM.from_bytes(bytes_of(payload))
    except (ValueError, TypeError) as error:
        raise BadDataError(f"{str(source)!r} holds no state of varimix: {error}") from error
    _write(target, state)
    _copy_notes(source, target)
    if as_json:
        print_json({"from": str(source), "to": str(target), "bytes": target.stat().st_size})


def _read(source: Path) -> dict[str, Any]:
    import cbor2

    from varimix.command_line.exits import BadDataError, WrongUseError
    from varimix.command_line.models import load, payload_of

    ending = source.suffix.lower()
    if ending not in (".json", ".cbor"):
        return payload_of(load(source).to_bytes())
    if not source.is_file():
        raise WrongUseError(f"there is no file {str(source)!r}")
    try:
        found = (
            _from_json(source.read_text(encoding="utf-8"))
            if ending == ".json"
            else cbor2.loads(source.read_bytes())
        )
    except (ValueError, cbor2.CBORError) as error:
        raise BadDataError(f"{str(source)!r} is damaged: {error}") from error
    if not isinstance(found, dict):
        raise BadDataError(f"{str(source)!r} holds no state of varimix")
    return found


def _write(target: Path, state: Any) -> None:
    import json

    from varimix.command_line.models import HEADER, payload_of

    if target.suffix.lower() == ".vmx":
        state.save(target)
        return
    data = state.to_bytes()
    if target.suffix.lower() == ".cbor":
        target.write_bytes(data[HEADER.size :])
    else:
        text = json.dumps(_to_json(payload_of(data)), indent=1, allow_nan=False, ensure_ascii=False)
        target.write_text(text + "\n", encoding="utf-8")


def _copy_notes(source: Path, target: Path) -> None:
    from varimix.command_line.notes import read_notes, write_notes

    notes = read_notes(source)
    if notes is not None:
        write_notes(target, notes)


def _to_json(value: Any) -> Any:
    import math

    if isinstance(value, dict):
        return {key: _to_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_to_json(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {NOT_FINITE: str(value)}
    return value


def _from_json(text: str) -> Any:
    import json

    def finite_again(found: dict[str, Any]) -> Any:
        return float(found[NOT_FINITE]) if found.keys() == {NOT_FINITE} else found

    return json.loads(text, object_hook=finite_again)
