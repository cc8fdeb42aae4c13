"""The report as JSON lines: a line for each finding of the JSON report, then one for the rest of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.report.json_report import document, dump

if TYPE_CHECKING:
    from schemaguard.linting.result import Result
    from schemaguard.report import Style


def render(result: Result, style: Style) -> str:
    """Write a line per finding, then the summary line (the only one without `rule`)."""
    rest = document(result, style.exit_code)
    findings = rest.pop("findings")
    return "".join(map(dump, [*findings, rest]))
