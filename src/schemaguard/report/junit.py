"""The report as JUnit XML: each rule that ran is a test, each finding that counts a failure of it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from schemaguard.linting.result import file_by_file
from schemaguard.report.safe import visible, visible_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.findings import Finding
    from schemaguard.linting.result import Result
    from schemaguard.report import Style


def render(result: Result, style: Style) -> str:  # noqa: ARG001 - the format has one style
    """Write the document."""
    return "".join(f"{line}\n" for line in _lines(result))


def _lines(result: Result) -> Iterator[str]:
    findings = file_by_file(result.counted)
    failed = {finding.rule for finding in findings}
    passed = [rule for rule in result.rules if rule.name not in failed]
    skipped = result.coverage.rules_skipped
    numbers = f'tests="{len(findings) + len(passed) + len(skipped)}" failures="{len(findings)}" errors="0"'
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f"<testsuites {numbers}>"
    yield f'  <testsuite name="schemaguard" {numbers} skipped="{len(skipped)}">'
    for finding in findings:
        yield from _failure(finding)
    for rule in passed:
        yield f"    <testcase classname={_attribute(rule.family)} name={_attribute(rule.name)}/>"
    for skipped_rule in skipped:
        yield f'    <testcase classname="skipped" name={_attribute(skipped_rule.rule)}>'
        yield f"      <skipped message={_attribute(skipped_rule.reason)}/>"
        yield "    </testcase>"
    yield "  </testsuite>"
    yield "</testsuites>"


def _failure(finding: Finding) -> Iterator[str]:
    location = finding.location
    name = f"{finding.rule}: {finding.object}"
    place = f"file={_attribute(location.path)} line={_attribute(str(location.line))}"
    yield f"    <testcase classname={_attribute(finding.family)} name={_attribute(name)} {place}>"
    yield f"      <failure type={_attribute(finding.severity.label)} message={_attribute(finding.message)}>"
    yield from (escape(line) for line in _body(finding))
    yield "      </failure>"
    yield "    </testcase>"


def _body(finding: Finding) -> Iterator[str]:
    location = finding.location
    yield visible(f"{location.path}:{location.line}:{location.column}")
    for evidence in finding.evidence:
        place = evidence.location
        yield visible(
            f"{evidence.message} ({place.path}:{place.line}:{place.column})" if place else evidence.message
        )
    for text in (finding.help, finding.fix):
        yield from visible_lines(text) if text else ()


def _attribute(text: str) -> str:
    """A quoted attribute; characters that XML 1.0 does not allow are shown as escapes."""
    return quoteattr(visible(text))
