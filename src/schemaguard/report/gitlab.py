"""The report as GitLab's Code Quality reads it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from schemaguard.findings import Severity
from schemaguard.linting.result import most_serious_first
from schemaguard.report.json_report import dump

if TYPE_CHECKING:
    from schemaguard.findings import Finding
    from schemaguard.linting.result import Result
    from schemaguard.report import Style

SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info"}


def render(result: Result, style: Style) -> str:
    """Write the list, empty where nothing counts: GitLab compares it with the target branch's itself."""
    return dump(
        [_issue(finding, style.prefix) for finding in most_serious_first(result.counted)], indent=True
    )


def _issue(finding: Finding, prefix: str) -> dict[str, Any]:
    location = finding.location
    # Keys are unique in a result, so no two fingerprints are the same (GitLab would show only the first).
    fingerprint = sha256(finding.key.encode(errors="replace")).hexdigest()
    return {
        "description": finding.message,
        "check_name": finding.rule,
        "fingerprint": fingerprint,
        "severity": SEVERITIES[finding.severity],
        "location": {
            "path": prefix + location.path,
            "lines": {"begin": location.line, "end": location.end_line},
        },
    }
