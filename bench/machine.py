"""What a result of a benchmark has to say of where it was measured."""

import platform
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def processor() -> str:
    """Name of the processor, where the system tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    if not cpuinfo.exists():
        return platform.processor() or "unknown"
    names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
    return names[0].split(":")[1].strip() if names else "unknown"


def git(*arguments: str) -> str:
    """What git says; nothing where it fails."""
    command = ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def commit() -> str:
    """The commit that is measured, and whether the working tree differs from it."""
    head = git("rev-parse", "--short=12", "HEAD")
    if not head:
        return "unknown"
    return f"{head}, with changes" if git("status", "--porcelain") else head
