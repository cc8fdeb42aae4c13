"""
The command line, run in this process.
"""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from schemaguard.cli import main

if TYPE_CHECKING:
    from pathlib import Path


class Done(NamedTuple):
    """What a run left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


class CommandLine:
    """Runs `schemaguard` in a folder."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        monkeypatch.chdir(folder)

    def put(self, path: str, text: str | bytes) -> None:
        """Write one file, with the folders above it."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode() if isinstance(text, str) else text)

    def move_to(self, folder: Path) -> None:
        """Go on in another folder."""
        self.folder = folder
        self._monkeypatch.chdir(folder)

    def __call__(self, *arguments: str) -> Done:
        """Run it."""
        self._monkeypatch.setattr(sys, "argv", ["schemaguard", *arguments])
        try:
            with pytest.raises(SystemExit) as caught:
                main()
        finally:  # a run keeps the collector away, for a process of its own
            gc.unfreeze()
            gc.enable()
        code = caught.value.code
        captured = self._capsys.readouterr()
        return Done(code if isinstance(code, int) else 0, captured.out, captured.err)
