"""
A runner of GitHub Actions, as far as the Action's steps look at one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.source_tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.gate.support import Repository

ACTION = ROOT / "action"
NAME = "acme/billing"


def pull_request(base: str, *, repository: str | None = NAME) -> dict[str, Any]:
    """The event of a pull request from a repository; None: one that is gone."""
    head = {"repo": None if repository is None else {"full_name": repository}}
    return {"pull_request": {"number": 7, "base": {"sha": base}, "head": head}}


class Ran(NamedTuple):
    """What a step left: exit code, log, its outputs, the job's summary."""

    code: int
    log: str
    output: str
    summary: str

    @property
    def outputs(self) -> dict[str, str]:
        """What it set, as the runner reads values between delimiters."""
        return outputs(self.output)

    @property
    def commands(self) -> list[str]:
        """The workflow commands that the runner takes from the log: none between stop-commands and its token."""
        found = []
        token = ""
        for line in self.log.splitlines():
            text = line.strip()
            if token:
                token = "" if text == f"::{token}::" else token
            elif text.startswith("::stop-commands::"):
                token = text.removeprefix("::stop-commands::")
            elif text.startswith("::") or "##[" in text:
                found.append(text)
        assert token == ""
        return found


class Runner:
    """Runs steps in a repository's folder, with the environment that the runner gives them."""

    def __init__(self, repo: Repository, folder: Path) -> None:
        self.repo = repo
        self.folder = folder
        self.api = "http://127.0.0.1:9"

    def step(self, *command: str, event: str, payload: dict[str, Any], **inputs: str) -> Ran:
        """Run a step for an event."""
        paths = {name: self.folder / name for name in ("event.json", "output", "summary")}
        for path in paths.values():
            path.write_text("")
        paths["event.json"].write_text(json.dumps(payload))
        done = subprocess.run(
            command,
            cwd=self.repo.folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                "COLUMNS": "100",
                "GITHUB_ACTIONS": "true",
                "GITHUB_EVENT_NAME": event,
                "GITHUB_EVENT_PATH": str(paths["event.json"]),
                "GITHUB_OUTPUT": str(paths["output"]),
                "GITHUB_STEP_SUMMARY": str(paths["summary"]),
                "GITHUB_REPOSITORY": NAME,
                "GITHUB_API_URL": self.api,
                "RUNNER_TEMP": str(self.folder),
                **inputs,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        log = done.stdout.decode()
        return Ran(done.returncode, log, paths["output"].read_text(), paths["summary"].read_text())

    def check(self, event: str, payload: dict[str, Any], **inputs: str) -> Ran:
        """Run the step that judges; inputs by their environment names without the prefix."""
        named = {
            name if name.startswith("GITHUB_") else f"SCHEMAGUARD_{name}": value
            for name, value in inputs.items()
        }
        return self.step(
            sys.executable, "-I", str(ACTION / "check.py"), event=event, payload=payload, **named
        )

    def comment(self, event: str, payload: dict[str, Any], **inputs: str) -> Ran:
        """Run the step that comments."""
        return self.step(
            sys.executable,
            "-I",
            str(ACTION / "comment.py"),
            event=event,
            payload=payload,
            GITHUB_TOKEN="t",
            **inputs,
        )


def outputs(text: str) -> dict[str, str]:
    """What a step set, as the runner reads it."""
    found = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, _, end = line.partition("<<")
        value = []
        for part in lines:
            if part == end:
                break
            value.append(part)
        found[name] = "\n".join(value)
    return found


class Api:
    """GitHub's API of one repository: the comments of its pull requests, and a list of what it was asked."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.pulls: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.refuses_with = 0

    def answer(self, method: str, path: str, body: dict[str, Any] | None) -> tuple[int, Any]:
        """Do what was asked."""
        self.asked.append(f"{method} {path.removeprefix(f'/repos/{NAME}')}")
        if self.refuses_with:
            return self.refuses_with, {}
        if method == "PATCH":
            [comment] = [each for each in self.comments if path.endswith(f"/{each['id']}")]
            comment.update(body or {})
            return 200, comment
        if method == "POST":
            self.comments.append({"id": len(self.comments) + 1, "user": {"type": "Bot"}, **(body or {})})
            return 201, self.comments[-1]
        return 200, self.pulls if "/pulls?" in path else self.comments if "page=1" in path else []

    def served(self) -> Iterator[str]:
        """Serve it; its address."""
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                status, found = api.answer(self.command, self.path, body)
                data = json.dumps(found).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_PATCH = do_GET  # noqa: N815 - as the base class calls them

            def log_message(self, format: str, *arguments: object) -> None:
                """Nothing in the test's output."""

        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
            thread.start()
            yield f"http://127.0.0.1:{server.server_port}"
            server.shutdown()
            thread.join()
