"""The report as GitHub workflow commands: annotations in the pull request's diff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.findings import Severity
from schemaguard.linting.result import most_serious_first
from schemaguard.report.safe import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.findings import Finding
    from schemaguard.linting.result import Result
    from schemaguard.report import Style

PER_LEVEL = 10
"""GitHub shows ten errors, ten warnings and ten notices of a step, and drops the rest without a word."""

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(result: Result, style: Style) -> str:
    """Write a command for each finding that counts, the most serious first, within the limits."""
    return "".join(f"{line}\n" for line in _commands(result, style.prefix))


def _commands(result: Result, prefix: str) -> Iterator[str]:
    findings = most_serious_first(result.counted)
    for severity, command in COMMANDS.items():
        of_level = [finding for finding in findings if finding.severity is severity]
        if len(of_level) <= PER_LEVEL:
            yield from (_annotation(finding, prefix) for finding in of_level)
            continue
        shown = of_level[: PER_LEVEL - 1]
        yield from (_annotation(finding, prefix) for finding in shown)
        more = f"{len(of_level) - len(shown):,} more findings of this level: see the log or the job's summary"
        yield f"::{command} title=schemaguard::{_data(more)}"


def _annotation(finding: Finding, prefix: str) -> str:
    location = finding.location
    properties = {
        "file": visible(prefix + location.path),
        "line": location.line,
        "endLine": location.end_line,
        **(
            {"col": location.column, "endColumn": location.end_column}
            if location.line == location.end_line
            else {}
        ),
        "title": f"schemaguard: {finding.rule}",
    }
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    lines = [finding.message, *(_evidence(finding)), finding.help, finding.fix]
    text = "\n".join("\n".join(visible(part) for part in line.splitlines()) for line in lines if line)
    return f"::{COMMANDS[finding.severity]} {listed}::{_data(text)}"


def _evidence(finding: Finding) -> Iterator[str]:
    for evidence in finding.evidence:
        place = evidence.location
        yield f"{evidence.message} ({place.path}:{place.line})" if place else evidence.message


def _data(text: str) -> str:
    """Escaped as the runner unescapes what follows the second `::`."""
    return (
        text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A").encode(errors="replace").decode()
    )


def _property(text: str) -> str:
    """Escaped as the runner unescapes the value of a property."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
