"""The report as Markdown, for a job's summary or a pull request's comment."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from schemaguard.findings import Severity
from schemaguard.linting.result import most_serious_first
from schemaguard.report.changes import heading, told
from schemaguard.report.frames import frame
from schemaguard.report.links import rule_url
from schemaguard.report.safe import visible, visible_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.findings import Finding
    from schemaguard.linting.result import Result
    from schemaguard.report import Style
    from schemaguard.text import Location

LIMIT = 60_000
"""Characters: a comment on GitHub may have 65,536, and what posts it may add some."""

ICONS = {Severity.ERROR: "🛑", Severity.WARNING: "⚠️", Severity.INFO: "ℹ️"}  # noqa: RUF001 - the sign itself
WIDTH = 160


def marker(project: str) -> str:
    """The hidden first line by which a comment is found again to be updated."""
    return f"<!-- schemaguard:{re.sub(r'[^A-Za-z0-9._/-]', '_', project).replace('--', '__')} -->"


def render(result: Result, style: Style) -> str:  # noqa: ARG001 - Markdown has one style
    """Write the page: marker, verdict, a collapsible block for each finding, what was checked."""
    head = [marker(result.project), _verdict(result), "", *_changes(result)]
    foot = ["", *_beside(result), _coverage(result)]
    findings = most_serious_first(result.counted)
    blocks: list[str] = []
    room = LIMIT - sum(map(_bytes_or_more, [*head, *foot])) - 200  # the line that says what was left out
    for finding in findings:
        block = "\n".join(_block(finding, result))
        if _bytes_or_more(block) > room:
            break
        room -= _bytes_or_more(block)
        blocks.append(block)
    if left_out := len(findings) - len(blocks):
        blocks.append(f"\n**{left_out:,} more findings** are not shown here: the job's log has them all.")
    return "\n".join([*head, *blocks, *foot]) + "\n"


def _bytes_or_more(text: str) -> int:
    """Its length as counted against LIMIT, with the line end; in UTF-16, so an emoji counts twice."""
    return len(text) + sum(char > "\uffff" for char in text) + 1


def _verdict(result: Result) -> str:
    counts = [
        f"{number:,} {label}{'s' if number > 1 else ''}" for label, number in result.summary.items() if number
    ]
    if not counts:
        fixed = f" This change fixes {len(result.fixed):,} of the base's findings." if result.fixed else ""
        return f"### ✅ schemaguard: all clear{fixed and '.'}{fixed}"
    words = ", ".join(counts)
    return f"### {ICONS[max(finding.severity for finding in result.counted)]} schemaguard: {words}"


def _changes(result: Result) -> Iterator[str]:
    """What the change does to the schema, as a list that opens."""
    title = heading(result)
    if not title:
        return
    shown, more = told(result)
    if not shown:
        yield f"{title}"
        yield ""
        return
    yield f"<details><summary>{title}</summary>"
    yield ""
    room = LIMIT // 4
    for number, (words, place) in enumerate(shown):
        line = f"- {inline(words)}{f' <code>{escape(place)}</code>' if place else ''}"
        room -= _bytes_or_more(line)
        if room < 0:
            more += len(shown) - number
            break
        yield line
    if more:
        yield f"- and {more:,} changes more"
    yield ""
    yield "</details>"
    yield ""


def _block(finding: Finding, result: Result) -> Iterator[str]:
    url = rule_url(finding.rule, finding.family)
    rule = (
        f'<a href="{html.escape(url)}"><code>{finding.rule}</code></a>'
        if url
        else f"<code>{finding.rule}</code>"
    )
    yield "<details>"
    yield f"<summary>{ICONS[finding.severity]} {rule} {inline(finding.message)}</summary>"
    yield ""
    yield from _source(finding.location, "", result)
    for evidence in finding.evidence:
        if evidence.location is None:
            yield f"{inline(evidence.message)}"
            yield ""
        else:
            yield from _source(evidence.location, evidence.message, result)
    if finding.help:
        yield f"{inline(finding.help)}"
        yield ""
    if finding.fix:
        yield from _fenced("sql", visible_lines(finding.fix))
    yield "</details>"


def _source(location: Location, label: str, result: Result) -> Iterator[str]:
    """A place and its lines."""
    place = f"<code>{escape(location.path)}:{location.line}:{location.column}</code>"
    yield f"{place}{': ' + inline(label) if label else ''}"
    yield ""
    shown = frame(result.files.get(location.path), location, WIDTH)
    if shown.lines:
        kind = {"py": "python", "sql": "sql", "yaml": "yaml", "yml": "yaml"}.get(
            location.path.rpartition(".")[2], ""
        )
        yield from _fenced(kind, [line.text for line in shown.lines] + ["…"] * shown.cut)


def _fenced(kind: str, lines: list[str]) -> Iterator[str]:
    """A code block with a fence longer than any row of backticks in it."""
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield fence + kind
    yield from (line.replace("<!--", "<! --") for line in lines)  # nobody's marker but our own
    yield fence
    yield ""


def _beside(result: Result) -> Iterator[str]:
    statuses = [finding.status for finding in result.findings]
    for number, one, words in (
        (len(result.fixed), "finding of the base is fixed", "findings of the base are fixed"),
        (statuses.count("existing"), "finding was there before", "findings were there before"),
        (statuses.count("baseline"), "finding is in the baseline", "findings are in the baseline"),
        (len(result.suppressed), "finding is suppressed", "findings are suppressed"),
    ):
        if number:
            yield f"{number:,} {one if number == 1 else words}.  "


def _coverage(result: Result) -> str:
    coverage = result.coverage
    return (
        f"<sub>{coverage.migrations:,} migrations, {coverage.statements:,} statements: "
        f"{coverage.replayed:,} replayed, {coverage.irrelevant:,} irrelevant, {coverage.opaque:,} opaque; "
        f"{coverage.rules_run:,} rules run.</sub>"
    )


def inline(text: str) -> str:
    """A sentence in which only backticks mean something: what stands between two of them is code."""
    parts = visible(text).split("`")
    if len(parts) % 2 == 0:  # an odd one out opens nothing
        parts[-2:] = ["`".join(parts[-2:])]
    return "".join(
        f"<code>{escape(part)}</code>" if number % 2 else escape(part) for number, part in enumerate(parts)
    )


def escape(text: str) -> str:
    """Text that Markdown and HTML leave alone: no markup, mention, issue reference, link or line break."""
    return re.sub(
        r"[^\w\s.,;()/=+'\"-]|_|://|www\.",
        lambda found: "".join(f"&#{ord(char)};" for char in found[0]),
        visible(text),
    )
