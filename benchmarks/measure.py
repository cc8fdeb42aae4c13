"""Whole processes, measured from outside: wall seconds, CPU seconds (user and system), and peak memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

OK = (0, 1)
"""Exit codes of a linter that has done its work: nothing found, something found."""


class Run(NamedTuple):
    """What one process took. `peak` is in bytes, of the process itself."""

    wall: float
    cpu: float
    peak: int
    code: int


class Command(NamedTuple):
    """A command line, the folder it runs in, and what its environment has beside ours."""

    arguments: Sequence[str | Path]
    folder: Path | None = None
    environment: Mapping[str, str] = {}
    timeout: int = 300


def run(command: Command) -> Run:
    """Run a command once, its output thrown away; one that takes too long is killed, and its code is negative."""
    # Python's byte code is kept, as in any installation; a folder of ours would otherwise be compiled in each run.
    environment = {**os.environ, **command.environment}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.monotonic()
    process = subprocess.Popen(
        [str(part) for part in command.arguments],
        cwd=command.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    signal.signal(signal.SIGALRM, lambda *_: process.kill())
    signal.alarm(command.timeout)
    try:
        _, status, usage = os.wait4(process.pid, 0)
    finally:
        signal.alarm(0)
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss
    return Run(
        time.monotonic() - started,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss * unit,
        process.returncode,
    )


class Series:
    """The runs of one command."""

    def __init__(self, name: str, command: Command) -> None:
        """Take what tables call it, and the command."""
        self.name = name
        self.command = command
        self.runs: list[Run] = []
        self.failed = ""

    def once(self) -> None:
        """Run it once more, unless it has failed before."""
        if self.failed:
            return
        done = run(self.command)
        if done.code in OK:
            self.runs.append(done)
        elif done.code < 0:
            self.failed = f"not done after {self.command.timeout} s"
        else:
            self.failed = f"exit code {done.code}"

    @property
    def wall(self) -> float:
        """Median of the wall seconds."""
        return median(each.wall for each in self.runs)

    @property
    def cpu(self) -> float:
        """Median of the CPU seconds."""
        return median(each.cpu for each in self.runs)

    @property
    def peak(self) -> float:
        """Median of the peak memory, in megabytes."""
        return median(each.peak for each in self.runs) / 1e6


def alternate(series: Sequence[Series], rounds: int) -> None:
    """Run all commands in turn, again and again: what slows the machine down slows down each of them."""
    for _ in range(rounds):
        for each in series:
            each.once()
