"""What GitHub says of the event that a job runs for."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

NOTHING = "0" * 40
"""What stands for the commit before the first push of a branch."""


class Event:
    """The event's name and what GitHub's file says of it."""

    def __init__(self) -> None:
        """Read them from the environment."""
        self.name = os.environ.get("GITHUB_EVENT_NAME", "")
        path = os.environ.get("GITHUB_EVENT_PATH", "")
        self.payload: dict[str, Any] = (
            json.loads(Path(path).read_text(encoding="utf-8")) if path and Path(path).is_file() else {}
        )

    @property
    def base(self) -> str:
        """The commit that the change starts from; empty where the event is about no change."""
        if self.name in ("pull_request", "pull_request_target"):
            return self._text("pull_request", "base", "sha")
        if self.name == "merge_group":
            return self._text("merge_group", "base_sha")
        if self.name == "push":
            before = self._text("before")
            return "" if before == NOTHING else before
        return ""

    @property
    def branch_to_compare(self) -> str:
        """For the first push of a branch: the default branch, unless it is that one itself; else empty."""
        default = self._text("repository", "default_branch")
        if self.name != "push" or not default or self._text("ref") == f"refs/heads/{default}":
            return ""
        return f"origin/{default}"

    @property
    def pull_request(self) -> int | None:
        """The number of the pull request."""
        number = self._at("pull_request", "number")
        return number if isinstance(number, int) else None

    @property
    def is_from_a_fork(self) -> bool:
        """Whether the pull request comes from another repository (or from one that is gone)."""
        return self._text("pull_request", "head", "repo", "full_name") != os.environ.get(
            "GITHUB_REPOSITORY", ""
        )

    def _at(self, *path: str) -> object:
        found: object = self.payload
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        return found

    def _text(self, *path: str) -> str:
        found = self._at(*path)
        return found if isinstance(found, str) else ""
