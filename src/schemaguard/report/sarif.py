"""The report as SARIF 2.1.0, within the limits of GitHub's code scanning."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from schemaguard import __version__
from schemaguard.findings import Severity
from schemaguard.linting.result import most_serious_first
from schemaguard.report.json_report import dump
from schemaguard.report.links import rule_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from schemaguard.findings import Finding
    from schemaguard.linting.result import Result, Suppressed
    from schemaguard.linting.rule import Rule
    from schemaguard.report import Style
    from schemaguard.text import Location

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

# GitHub takes 25,000 results and shows 5,000; of 1,000 locations it shows 100; 10 MB compressed.
RESULTS = 5_000
RELATED_LOCATIONS = 99
RULES = 25_000
NAME = 255
DESCRIPTION = 1_024
MESSAGE = 4_000

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}

ACCESS_FAMILIES = frozenset(("append_only", "grants", "row_security", "views"))
"""Families whose findings are about who can reach which rows: GitHub shows these as security alerts."""

SECURITY = {Severity.ERROR: "8.0", Severity.WARNING: "5.5", Severity.INFO: "2.0"}
"""`security-severity` of a rule by its severity: high, medium, low."""


def render(result: Result, style: Style) -> str:
    """Write the log: one run, the most serious results first, and one that counts those left out."""
    findings = most_serious_first(result.findings)
    shown = findings[:RESULTS] if len(findings) <= RESULTS else findings[: RESULTS - 1]
    suppressed = list(result.suppressed)[: RESULTS - len(shown)]
    rules = _rules(result.rules, [*shown, *(each.finding for each in suppressed)])
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    results = [_result(finding, numbers, style.prefix) for finding in shown]
    if len(shown) < len(findings):
        results.append(_omitted(len(findings) - len(shown), shown[-1], numbers, style.prefix))
    results += [_suppressed(each, numbers, style.prefix) for each in suppressed]
    run = {
        "tool": {"driver": _driver(rules)},
        "automationDetails": {"id": f"schemaguard/{result.project}/"},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return dump({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _driver(rules: list[dict[str, Any]]) -> dict[str, Any]:
    return {"name": "schemaguard", "semanticVersion": __version__, "rules": rules}


# Rules


def _rules(ran: Sequence[Rule], findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """The rules that ran, those with a finding first so that a limit can't cut them."""
    found = {finding.rule: finding for finding in findings}
    known = {rule.name: rule for rule in ran}
    names = [*sorted(found), *sorted(known.keys() - found.keys())][:RULES]
    return [_rule(known[name]) if name in known else _bare_rule(found[name]) for name in names]


def _rule(rule: Rule) -> dict[str, Any]:
    page = rule.page
    title = page.title or rule.name
    body = "\n\n".join(f"## {name}\n\n{text}" for name, text in page.sections.items())
    described = {
        "shortDescription": {"text": _cut(title, DESCRIPTION)},
        "fullDescription": {"text": _cut(page.sections.get("Why it matters") or title, DESCRIPTION)},
        "help": {"text": body or title, "markdown": body or title},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
    }
    return _descriptor(rule.name, rule.family, rule.severity, described)


def _bare_rule(finding: Finding) -> dict[str, Any]:
    """A rule of which only a finding is at hand."""
    text = finding.help or finding.rule
    described = {
        "shortDescription": {"text": finding.rule},
        "fullDescription": {"text": _cut(text, DESCRIPTION)},
        "help": {"text": text},
        "defaultConfiguration": {"level": LEVELS[finding.severity]},
    }
    return _descriptor(finding.rule, finding.family, finding.severity, described)


def _descriptor(name: str, family: str, severity: Severity, described: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {"tags": [family]}
    if family in ACCESS_FAMILIES:
        properties["tags"].append("security")
        properties["security-severity"] = SECURITY[severity]
    else:
        properties["problem.severity"] = {"note": "recommendation"}.get(LEVELS[severity], LEVELS[severity])
    url = rule_url(name, family)
    return {
        "id": name,
        "name": _cut(name, NAME),
        **described,
        **({"helpUri": url} if url else {}),
        "properties": properties,
    }


# Results


def _result(finding: Finding, numbers: dict[str, int], prefix: str) -> dict[str, Any]:
    text = finding.message + (f"\n{finding.help}" if finding.help else "")
    text += f"\n{finding.fix}" if finding.fix else ""
    related = [
        {
            "id": number,
            "message": {"text": _message(evidence.message or "evidence")},
            **_location(evidence.location, prefix),
        }
        for number, evidence in enumerate(finding.evidence[:RELATED_LOCATIONS])
        if evidence.location is not None
    ]
    return {
        "ruleId": finding.rule,
        **({"ruleIndex": numbers[finding.rule]} if finding.rule in numbers else {}),
        "level": LEVELS[finding.severity],
        "message": {"text": _message(text)},
        "locations": [
            {
                **_location(finding.location, prefix),
                "logicalLocations": [{"fullyQualifiedName": finding.object}],
            }
        ],
        **({"relatedLocations": related} if related else {}),
        "partialFingerprints": {
            "primaryLocationLineHash": f"{sha256(finding.key.encode(errors='replace')).hexdigest()[:16]}:1"
        },
        **({"baselineState": "unchanged"} if finding.status != "new" else {}),
        "properties": {"key": finding.key, "status": finding.status},
    }


def _suppressed(suppressed: Suppressed, numbers: dict[str, int], prefix: str) -> dict[str, Any]:
    kind = "inSource" if suppressed.kind == "source" else "external"
    return {
        **_result(suppressed.finding, numbers, prefix),
        "suppressions": [{"kind": kind, "status": "accepted", "justification": suppressed.reason}],
    }


def _omitted(number: int, last: Finding, numbers: dict[str, int], prefix: str) -> dict[str, Any]:
    """The result that stands for those beyond the limit, at the place of the last one shown."""
    return {
        "ruleId": last.rule,
        "ruleIndex": numbers[last.rule],
        "level": LEVELS[last.severity],
        "message": {
            "text": f"{number:,} more findings are not in this file, none more serious than those that are"
        },
        "locations": [_location(last.location, prefix)],
        "partialFingerprints": {"primaryLocationLineHash": f"{sha256(b'omitted').hexdigest()[:16]}:1"},
    }


def _location(location: Location, prefix: str) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(prefix + location.path, safe="/", errors="replace")},
            "region": {
                "startLine": location.line,
                "startColumn": location.column,
                "endLine": location.end_line,
                "endColumn": location.end_column,
            },
        }
    }


def _message(text: str) -> str:
    """A message in which nothing is taken for a link (`[text](id)`) or a placeholder (`{0}`)."""
    text = re.sub(r"\[(?=[^\[\]]*\]\()", r"\\[", text)
    return _cut(re.sub(r"\{(\d+)\}", r"{{\1}}", text), MESSAGE)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
