"""A user's program is checked by mypy against the types that the package ships."""

import subprocess
import sys
from pathlib import Path

import typed_client


def test_mypy_takes_what_is_right_and_refuses_what_is_not(tmp_path: Path) -> None:
    options = ["--strict", "--config-file=", f"--cache-dir={tmp_path}"]
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", *options, typed_client.__file__],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout.startswith("Success: no issues found in 1 source file"), ran.stdout


def test_the_program_runs(tmp_path: Path) -> None:
    typed_client.main(tmp_path)
    assert (tmp_path / "state").stat().st_size > 0
    assert (tmp_path / "report.html").stat().st_size > 0
