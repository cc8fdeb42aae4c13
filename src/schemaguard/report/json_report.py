"""The report as JSON: one document, in the shape that `report.schema.json` beside this file describes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from schemaguard import __version__
from schemaguard.catalog.changes import change_object

if TYPE_CHECKING:
    from schemaguard.findings import Finding
    from schemaguard.linting.result import Result
    from schemaguard.report import Style
    from schemaguard.text import Location

FORMAT = 1
"""The shape's version; it changes when a reader of the old shape would go wrong, not when something is added."""


def render(result: Result, style: Style) -> str:
    """Write the document."""
    return dump(document(result, style.exit_code), indent=True)


def document(result: Result, exit_code: int) -> dict[str, Any]:
    """The report as plain lists and dicts."""
    return {
        **head(result),
        "findings": [finding_object(finding) for finding in result.findings],
        "fixed": len(result.fixed),
        "suppressed": len(result.suppressed),
        "summary": result.summary,
        "exit_code": exit_code,
    }


def head(result: Result) -> dict[str, Any]:
    """What the report is about and what it rests on."""
    coverage = result.coverage
    return {
        "schemaguard": __version__,
        "format": FORMAT,
        "project": result.project,
        "base": result.base,
        "changes": [change_object(change) for change in result.changes],
        "coverage": {
            "sources": coverage.sources,
            "migrations": coverage.migrations,
            "statements": coverage.statements,
            "replayed": coverage.replayed,
            "irrelevant": coverage.irrelevant,
            "opaque": coverage.opaque,
            "blanked": dict(coverage.blanked),
            "left_out": coverage.left_out,
            "rules": {
                "run": coverage.rules_run,
                "skipped": [{"rule": rule, "reason": reason} for rule, reason in coverage.rules_skipped],
            },
        },
    }


def finding_object(finding: Finding) -> dict[str, Any]:
    """One finding."""
    return {
        "rule": finding.rule,
        "family": finding.family,
        "severity": finding.severity.label,
        "status": finding.status,
        "message": finding.message,
        "object": finding.object,
        "key": finding.key,
        "location": location_object(finding.location),
        "evidence": [
            {
                "message": evidence.message,
                "location": evidence.location and location_object(evidence.location),
            }
            for evidence in finding.evidence
        ],
        "help": finding.help,
        "fix": finding.fix,
    }


def location_object(location: Location) -> dict[str, Any]:
    """A place: lines and columns from 1, the end exclusive."""
    return {
        "path": location.path,
        "line": location.line,
        "column": location.column,
        "end_line": location.end_line,
        "end_column": location.end_column,
    }


def dump(document: object, *, indent: bool = False) -> str:
    """JSON text with a line end; a lone surrogate (of a file name that is not UTF-8) becomes a `?`."""
    options = orjson.OPT_APPEND_NEWLINE | (orjson.OPT_INDENT_2 if indent else 0)
    try:
        return orjson.dumps(document, option=options).decode()
    except TypeError:  # orjson takes no surrogates, the standard library escapes them
        import json

        text = json.dumps(document, indent=2 if indent else None, ensure_ascii=False)
        return text.encode(errors="replace").decode() + "\n"
