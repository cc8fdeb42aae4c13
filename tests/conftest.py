"""
What every test may rely on: a known environment, golden files, Hypothesis profiles.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

Golden = Callable[[Path, str], None]

# The suite finds the same things in every run; `make oracle` looks for new ones.
settings.register_profile("suite", deadline=None, derandomize=True, max_examples=100, print_blob=True)
settings.register_profile("oracle", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile("suite")

SCRUBBED = (
    "CI",
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLORTERM",
    "GIT_DIR",
    "GIT_WORK_TREE",
)
SCRUBBED_PREFIXES = ("GITHUB_", "GITLAB_", "CI_", "RUNNER_", "SCHEMAGUARD_")
FIXED = {
    "COLUMNS": "110",
    "TERM": "dumb",
    "TZ": "UTC",
    "SCHEMAGUARD_NO_CACHE": "1",  # an answer that is kept would hide what a test changes
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Author",
    "GIT_AUTHOR_EMAIL": "author@example.org",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_NAME": "Committer",
    "GIT_COMMITTER_EMAIL": "committer@example.org",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the switch behind `make goldens`."""
    parser.addoption("--update-goldens", action="store_true", help="write golden files instead of comparing")


@pytest.fixture(scope="session", autouse=True)
def _known_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing of the terminal, the CI system or the user's git settings and caches reaches a test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name in SCRUBBED or name.startswith(SCRUBBED_PREFIXES):
                patch.delenv(name)
        for name, value in FIXED.items():
            patch.setenv(name, value)
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare a text with the golden file at a path, byte for byte; `--update-goldens` writes it instead."""
    update = request.config.getoption("--update-goldens")

    def compare(path: Path, text: str) -> None:
        written = text.encode()
        if update:
            path.write_bytes(written)
        elif not path.exists():
            pytest.fail(f"{path} does not exist: run `make goldens`, then read what it wrote")

        assert path.read_bytes().decode() == text

    return compare
