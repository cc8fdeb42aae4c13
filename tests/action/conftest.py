"""
A repository, a runner in it, and the API that its steps may ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.action.support import Api, Runner
from tests.cli.support import CommandLine
from tests.gate.support import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runner:
    """A runner beside an empty repository."""
    folder = tmp_path / "repository"
    folder.mkdir()
    temp = tmp_path / "temp"
    temp.mkdir()
    return Runner(Repository(CommandLine(folder, monkeypatch, capsys)), temp)


@pytest.fixture
def api(runner: Runner) -> Iterator[Api]:
    """GitHub's API."""
    made = Api()
    serving = made.served()
    runner.api = next(serving)
    yield made
    next(serving, None)
