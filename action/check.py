"""The step that judges: finds the base in the event, runs `schemaguard check`, and hands its reports to GitHub."""

from __future__ import annotations

import json
import os
import secrets
import shlex
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from action.event import Event

SUMMARY_LIMIT = 900 * 1024
"""Bytes: GitHub refuses a step's summary beyond 1 MiB as a whole."""


def main() -> int:
    """Run the check, isolated from what lies in the checkout (`-I`); the exit code is the gate's."""
    folder = Path(os.environ["RUNNER_TEMP"]) / "schemaguard"
    folder.mkdir(parents=True, exist_ok=True)
    reports = {name: folder / name for name in ("report.json", "report.md", "annotations.txt")}
    for report in reports.values():
        report.unlink(missing_ok=True)
    sarif = os.environ.get("SCHEMAGUARD_SARIF_FILE", "")
    command = [
        *(sys.executable, "-I", "-m", "schemaguard", "check", os.environ.get("SCHEMAGUARD_PATH") or "."),
        *("--fail-on", os.environ.get("SCHEMAGUARD_FAIL_ON") or "error"),
        *("--format", "console"),
        *("--format", f"json={reports['report.json']}"),
        *("--format", f"markdown={reports['report.md']}"),
        *("--format", f"github={reports['annotations.txt']}"),
        *(("--format", f"sarif={sarif}") if sarif else ()),
        *(("--config", config) if (config := os.environ.get("SCHEMAGUARD_CONFIG", "")) else ()),
        *(("--base", base) if (base := find_base(Event())) else ()),
        *shlex.split(os.environ.get("SCHEMAGUARD_ARGS", "")),
    ]
    code = run(command)
    sys.stdout.write(_text(reports["annotations.txt"]))
    sys.stdout.flush()
    _append("GITHUB_STEP_SUMMARY", summary(_text(reports["report.md"]), code))
    findings = _findings(reports["report.json"])
    _set_outputs(
        {
            "exit-code": str(code),
            "findings": "" if findings is None else str(len(findings)),
            "new-findings": "" if findings is None else str(findings.count("new")),
            "sarif": sarif if sarif and Path(sarif).is_file() else "",
            "markdown": str(reports["report.md"]) if reports["report.md"].is_file() else "",
            "json": str(reports["report.json"]) if reports["report.json"].is_file() else "",
        }
    )
    return code


def find_base(event: Event) -> str:
    """The revision to compare with; empty: judge all. A commit that a forced push took away is replaced."""
    given = os.environ.get("SCHEMAGUARD_BASE", "")
    if given:
        return "" if given == "none" else given
    if event.name == "pull_request":
        return _merged_into() or event.base
    if event.name != "push":
        return event.base
    return next(filter(_is_here, (event.base, event.branch_to_compare)), "")


def _merged_into() -> str:
    """For GitHub's own merge of a pull request: what it was merged into, which may be newer than the event knows."""
    sha = os.environ.get("GITHUB_SHA", "")
    if not (os.environ.get("GITHUB_REF", "").endswith("/merge") and sha and _resolved("HEAD") == sha):
        return ""
    return _resolved("HEAD^1") if _is_here("HEAD^2") else ""


def _is_here(revision: str) -> bool:
    return bool(revision and _resolved(revision))


def _resolved(revision: str) -> str:
    """The commit that a revision names; empty where there is none."""
    command = ["git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def run(command: list[str]) -> int:
    """Run it with its output in the log, where nothing that it prints is taken for a command of the runner."""
    token = secrets.token_hex(16)
    sys.stdout.write(f"::stop-commands::{token}\n")
    sys.stdout.flush()
    try:
        code = subprocess.run(command, stdout=sys.stdout, stderr=subprocess.STDOUT, check=False).returncode
    finally:
        sys.stdout.write(f"\n::{token}::\n")
        sys.stdout.flush()
    return code


def summary(page: str, code: int) -> str:
    """The page for the job's summary; where there is none, that there is none."""
    if not page:
        return f"### schemaguard could not check this (exit code {code}): the log says why\n"
    if len(page.encode()) > SUMMARY_LIMIT:
        return "### schemaguard: the report is too long for a summary, the log has all of it\n"
    return page


def _findings(report: Path) -> list[str] | None:
    """The status of each finding; None without a report."""
    if not report.is_file():
        return None
    document = json.loads(report.read_text(encoding="utf-8"))
    return [str(finding["status"]) for finding in document["findings"]]


def _set_outputs(values: dict[str, str]) -> None:
    """Set the step's outputs; a value may hold anything."""
    lines = []
    for name, value in values.items():
        end = f"end-{secrets.token_hex(16)}"
        lines.append(f"{name}<<{end}\n{value}\n{end}\n")
    _append("GITHUB_OUTPUT", "".join(lines))


def _append(variable: str, text: str) -> None:
    if path := os.environ.get(variable):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main())
