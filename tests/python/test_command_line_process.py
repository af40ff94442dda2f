"""The command in a process of its own: Ctrl-C, broken pipes, terminals, absent packages."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from command import csv_of, prices_of, varimix, write_parquet
from test_progress import ESCAPE, chunks, environment

from varimix import OnlineEM

PATIENCE_SECONDS = 60
COMMAND = (sys.executable, "-m", "varimix")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, **how: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, check=False, **how
    )  # type: ignore[call-overload, no-any-return]


@contextmanager
def running(*arguments: str, **how: object) -> Iterator[subprocess.Popen[bytes]]:
    """Start the command; it is killed if it takes too long, or is still there at the end."""
    code = (  # a shell may have told its children to ignore the signal
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from varimix.command_line import main; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **how,
    )  # type: ignore[call-overload]  # fmt: skip
    watchdog = threading.Timer(PATIENCE_SECONDS, process.kill)
    watchdog.start()
    try:
        yield process
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()


def wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    while not path.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.001)


# Batches of one row, so that checkpoints of every 2000 steps come early and the fit is long.
SLOWLY = ("--returns", "log", "--batch-size", "1")


def test_control_c_leaves_a_checkpoint_from_which_the_command_goes_on(folder: Path) -> None:
    write_parquet(folder / "p.parquet", prices_of(30_000), row_group=7000)
    with running("fit", "p.parquet", *SLOWLY) as process:
        wait_for(folder / "model.vmx.checkpoint", process)
        process.send_signal(signal.SIGINT)
        out, error = process.communicate()
    assert (process.returncode, out) == (130, b""), error
    assert b"'model.vmx.checkpoint' holds the" in error
    assert b"Traceback" not in error
    rows = OnlineEM.load("model.vmx.checkpoint").total_weight
    assert 0 < rows < 29_999
    assert f"{rows:,.0f} rows".encode() in error
    assert varimix("fit", "p.parquet", *SLOWLY).code == 0
    assert varimix("fit", "p.parquet", *SLOWLY, "-o", "whole.vmx").code == 0
    assert OnlineEM.load("model.vmx").to_bytes() == OnlineEM.load("whole.vmx").to_bytes()
    assert not (folder / "model.vmx.checkpoint").exists()


def test_control_c_while_a_pipe_is_silent_leaves_a_checkpoint(folder: Path) -> None:
    text = csv_of(prices_of(30_000)).encode()
    with running("fit", "-", *SLOWLY, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(text[:-1000])
        process.stdin.flush()
        wait_for(folder / "model.vmx.checkpoint", process)
        process.send_signal(signal.SIGINT)
        out, error = process.communicate()
    assert (process.returncode, out) == (130, b""), error
    assert b"'model.vmx.checkpoint' holds the" in error
    assert b"Traceback" not in error
    for output in ("model.vmx", "whole.vmx"):
        assert varimix("fit", "-", *SLOWLY, "-o", output, stdin=text).code == 0
    assert OnlineEM.load("model.vmx").to_bytes() == OnlineEM.load("whole.vmx").to_bytes()


def test_an_update_that_was_stopped_goes_on_with_the_price_before(folder: Path) -> None:
    prices = prices_of(33_000)
    write_parquet(folder / "old.parquet", prices[:3000])
    write_parquet(folder / "new.parquet", prices[3000:], row_group=7000)
    for name in ("a.vmx", "b.vmx"):
        assert varimix("fit", "old.parquet", "--returns", "log", "-o", name).code == 0
    with running("update", "a.vmx", "new.parquet", "--batch-size", "1") as process:
        wait_for(folder / "a.vmx.prev", process)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate()
    assert process.returncode == 130, error
    for name in ("a.vmx", "b.vmx"):
        assert varimix("update", name, "new.parquet", "--batch-size", "1").code == 0
    assert OnlineEM.load("a.vmx").to_bytes() == OnlineEM.load("b.vmx").to_bytes()
    assert OnlineEM.load("a.vmx").total_weight == 32_999


def test_progress_is_on_a_terminal_with_a_true_percentage(folder: Path) -> None:
    write_parquet(folder / "p.parquet", prices_of(100_000))
    try:
        master, slave = os.openpty()
    except OSError as reason:
        pytest.skip(f"this machine gives no pseudo-terminal: {reason}")
    try:
        process = subprocess.Popen(
            [*COMMAND, "fit", "p.parquet", *SLOWLY, "--json"],
            stdout=subprocess.PIPE, stderr=slave, env=environment(),
        )  # fmt: skip
    finally:
        os.close(slave)
    text = ESCAPE.sub("", b"".join(chunks(master)).decode())
    out, _ = process.communicate()
    os.close(master)
    assert process.returncode == 0, text
    assert json.loads(out)["rows"] == 99_999
    shown = re.findall(r"(\d+)% \S+ ([\d,]+) rows, \S+ rows/s, log score \d+\.\d{4}", text)
    assert len(shown) > 2, text
    for percent, rows in shown:
        assert percent == f"{100 * int(rows.replace(',', '')) / 99_999:.0f}", text


def test_a_pipe_gets_no_progress_and_json_stands_alone(folder: Path) -> None:
    write_parquet(folder / "p.parquet", prices_of(3000))
    ran = run("fit", "p.parquet", "--returns", "log", "--json")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["rows"] == 2999


def test_a_reader_that_has_seen_enough_is_no_error(folder: Path) -> None:
    write_parquet(folder / "p.parquet", prices_of(3000))
    assert varimix("fit", "p.parquet", "--returns", "log").code == 0
    with running("sample", "model.vmx", "-n", "200000", "--seed", "1") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b'"AAPL","MSFT"\n'
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.wait() == 1


@pytest.mark.parametrize("package", ["typer", "cbor2"])
def test_an_absent_extra_is_named(package: str) -> None:
    code = (
        f"import sys; sys.modules[{package!r}] = None; import varimix.command_line as c; c.main()"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert f"needs {package}" in ran.stderr
    assert "pip install 'varimix[cli]'" in ran.stderr


def test_help_loads_neither_pyarrow_nor_pandas_nor_cbor2() -> None:
    code = (
        "import sys\ntry:\n    from varimix.command_line import main\n    main()\n"
        "finally:\n    heavy = {'pyarrow', 'pandas', 'cbor2', 'matplotlib'}\n"
        "    print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "[]\n")
    for command in ("fit", "update", "score", "sample", "compare", "inspect", "convert"):
        assert command in ran.stdout


def test_reading_and_writing_tables_loads_no_pandas(folder: Path) -> None:
    (folder / "p.csv").write_text(csv_of(prices_of(3000)))
    code = (
        "import sys; from varimix.command_line.app import app\n"
        "for line in sys.stdin: app(line.split(), standalone_mode=False)\n"
        "print('pandas' in sys.modules, file=sys.stderr)"
    )
    lines = (
        "fit p.csv --returns log\nscore model.vmx p.csv -o s.csv\n"
        "sample model.vmx --seed 1 -o s.parquet\nupdate model.vmx p.csv\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, input=lines
    )
    assert (ran.returncode, ran.stderr) == (0, "False\n")
