"""Describes where a benchmark was measured, for its result."""

import platform
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def processor() -> str:
    """Return the name of the processor, or "unknown" if the system does not tell it."""
    cpuinfo = Path("/proc/cpuinfo")
    if not cpuinfo.exists():
        return platform.processor() or "unknown"
    names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
    return names[0].split(":")[1].strip() if names else "unknown"


def git(*arguments: str) -> str:
    """Return what git prints, or nothing if it fails."""
    command = ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def commit() -> str:
    """Return the commit that is measured, and say if the working tree differs from it."""
    head = git("rev-parse", "--short=12", "HEAD")
    if not head:
        return "unknown"
    return f"{head}, with changes" if git("status", "--porcelain") else head
