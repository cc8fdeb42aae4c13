"""The linters that schemaguard is measured against, from the Python package index, in an environment of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

PEERS = ("squawk-cli", "pgrls", "sqlfluff")
ENVIRONMENT = Path(__file__).parent / ".peers"


class Peers(NamedTuple):
    """Where their programs are, their versions by package, and why a package is not there."""

    programs: Path
    versions: dict[str, str]
    missing: dict[str, str]


def peers() -> Peers:
    """Install what is not installed yet; what can't be is said, and left out of the tables."""
    programs = ENVIRONMENT / "bin"
    if not (programs / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
    missing = {}
    for name in PEERS:
        if _version(programs, name):
            continue
        done = subprocess.run(
            [str(programs / "python"), "-m", "pip", "install", "--quiet", name],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            missing[name] = (done.stderr.strip().splitlines() or ["pip failed"])[-1]
    versions = {name: version for name in PEERS if (version := _version(programs, name))}
    return Peers(programs, versions, missing)


def _version(programs: Path, name: str) -> str:
    done = subprocess.run(
        [
            str(programs / "python"),
            "-c",
            f"from importlib.metadata import version; print(version({name!r}))",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()
