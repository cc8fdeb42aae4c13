"""
A repository of git, and the command line in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.support import CommandLine
from tests.gate.support import Repository

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Repository:
    """An empty repository."""
    folder = tmp_path / "repository"
    folder.mkdir()
    return Repository(CommandLine(folder, monkeypatch, capsys))
