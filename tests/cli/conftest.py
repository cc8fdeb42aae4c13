"""
A folder, and the command line in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.ledger import project
from tests.cli.support import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["cli", "project"]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    """Run `schemaguard` in an empty folder that is a repository of its own."""
    (tmp_path / ".git").mkdir()
    return CommandLine(tmp_path, monkeypatch, capsys)
