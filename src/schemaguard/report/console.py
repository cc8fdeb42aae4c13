"""The report for people: findings with source, evidence, consequence and remedy; what was checked."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from schemaguard.linting.result import file_by_file
from schemaguard.report.changes import heading, sentences
from schemaguard.report.frames import EVIDENCE_LINES, LINES, frame
from schemaguard.report.links import rule_url
from schemaguard.report.safe import cells, visible, visible_lines
from schemaguard.report.terminal import Part, paint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.findings import Finding
    from schemaguard.linting.result import Result
    from schemaguard.report import Style
    from schemaguard.report.terminal import Line
    from schemaguard.text import Location

NARROWEST = 40
"""Below this a report is not wrapped any further."""

_ASCII = str.maketrans({"│": "|", "━": "^", "─": "-", "╭": "-", "├": ":", "╰": "=", "▸": ">", "…": "~"})


def render(result: Result, style: Style) -> str:
    """Write the report."""
    report = _Report(result, style)
    lines: Iterator[Line] = report.brief() if style.quiet else report.lines()
    if not style.unicode:
        lines = ([part._replace(text=part.text.translate(_ASCII)) for part in line] for line in lines)
    return paint(lines, color=style.color)


class _Report:
    """The lines of one report."""

    def __init__(self, result: Result, style: Style) -> None:
        self.result = result
        self.style = style
        self.width = max(style.width, NARROWEST)
        self.pages = {rule.name: rule for rule in result.rules}
        self.explained: set[str] = set()

    def brief(self) -> Iterator[Line]:
        """One line a finding that counts."""
        for finding in file_by_file(self.result.counted):
            yield [
                Part(f"{_place(finding.location)}: "),
                *self.heading(finding),
                Part(f" {visible(finding.message)}"),
            ]

    def lines(self) -> Iterator[Line]:
        """Findings, then the summary."""
        shown = self.result.findings if self.style.verbose else self.result.counted
        for finding in file_by_file(shown):
            yield from self.finding(finding)
            yield []
        yield from self.changes()
        yield from self.summary()

    # One finding

    def finding(self, finding: Finding) -> Iterator[Line]:
        """Heading and message, frames, consequence, remedy."""
        heading = self.heading(finding)
        indent = cells("".join(part.text for part in heading)) + 1
        first, *rest = self.wrap(finding.message, indent, 2)
        if indent + cells(first) > self.width:  # not even its first word stands beside the heading
            first, rest = "", self.wrap(finding.message, 2, 2)
        yield [*heading, Part(f" {first}", "message")]
        for line in rest:
            yield [Part(f"  {line}", "message")]
        gutter = self.gutter(finding)
        yield from self.frame(finding.location, gutter, finding.severity.label)
        for evidence in finding.evidence:
            if evidence.location is not None:
                yield from self.frame(evidence.location, gutter, "label", evidence.message)
        notes = [("note", evidence.message) for evidence in finding.evidence if evidence.location is None]
        notes += [("why", why)] if (why := self.consequence(finding)) else []
        notes += [("help", finding.help)] if finding.help else []
        for name, text in notes:
            yield from self.note(gutter, name, self.wrap(text, gutter + len(name) + 4, gutter + 4))
        if finding.fix:
            yield from self.note(gutter, "instead", visible_lines(finding.fix), "sql")

    def heading(self, finding: Finding) -> Line:
        """`error[append-only-mutable]`, and the status of a finding that does not count."""
        link = rule_url(finding.rule, finding.family)
        label = finding.severity.label
        heading = [Part(label, label), Part("["), Part(finding.rule, label, link), Part("]")]
        if finding.status != "new":
            heading.append(Part(f" ({finding.status})", "quiet"))
        return heading

    def consequence(self, finding: Finding) -> str:
        """Why the rule matters, in one sentence; once in a report."""
        rule = self.pages.get(finding.rule)
        if rule is None or finding.rule in self.explained:
            return ""
        self.explained.add(finding.rule)
        return rule.page.first_sentence("Why it matters")

    def gutter(self, finding: Finding) -> int:
        """Cells for the line numbers of a finding's frames."""
        places = [finding.location, *(e.location for e in finding.evidence if e.location is not None)]
        return max(len(str(place.end_line)) for place in places) + 1

    def frame(self, location: Location, gutter: int, style: str, label: str = "") -> Iterator[Line]:
        """Path, source lines, underlining and its label."""
        pad = " " * gutter
        yield [Part(f"{pad}{'├─' if label else '╭▸'} ", "frame"), Part(_place(location))]
        lines = EVIDENCE_LINES if label else LINES
        shown = frame(self.result.files.get(location.path), location, self.width - gutter - 3, lines)
        bar = Part(f"{pad}│ ", "frame")
        mark = "─" if label else "━"
        for line in shown.lines:
            yield [Part(f"{line.number:>{gutter - 1}} │ ", "frame"), Part(line.text)]
            yield [bar, Part(" " * line.start + mark * (line.end - line.start), style)]
        if shown.cut:
            yield [bar, Part("…", "frame")]
        if label:
            for text in self.wrap(label, gutter + 2, gutter + 2):
                yield [bar, Part(text, style)]

    def note(self, gutter: int, name: str, texts: list[str], style: str = "") -> Iterator[Line]:
        """A line of the finding's foot; what follows the first line is indented under it."""
        first, *rest = texts
        yield [Part(f"{' ' * gutter}╰ ", "frame"), Part(f"{name}: ", "quiet"), Part(first, style)]
        hanging = " " * (gutter + 2 + len(name) + 2 if style else gutter + 4)
        for text in rest:
            yield [Part(hanging), Part(text, style)]

    def wrap(self, text: str, first_indent: int, indent: int) -> list[str]:
        """`text` made visible and broken into lines that fit after the indents."""
        wrapper = textwrap.TextWrapper(
            width=self.width - indent,
            initial_indent=" " * max(first_indent - indent, 0),
            break_long_words=False,
            break_on_hyphens=False,
        )
        wrapped = wrapper.wrap(visible(text)) or [""]
        return [wrapped[0].lstrip(), *wrapped[1:]]

    # The change

    def changes(self) -> Iterator[Line]:
        """What a change does to the schema, a line each."""
        title = heading(self.result)
        if not title:
            return
        yield [Part(title, "message")]
        for sentence in sentences(self.result):
            first, *rest = self.wrap(sentence, 4, 4)
            yield [Part("  "), Part("- ", "quiet"), Part(first)]
            yield from ([Part(f"    {text}")] for text in rest)
        yield []

    # The summary

    def summary(self) -> Iterator[Line]:
        """What counts, what does not, and what the answer rests on."""
        counts = self.result.summary
        words = {"error": ("error", "errors"), "warning": ("warning", "warnings"), "info": ("info", "infos")}
        parts = [
            (f"{number:,} {words[label][number != 1]}", label) for label, number in counts.items() if number
        ] or [("no findings", "good")]
        line: Line = []
        for text, style in parts:
            line += [Part(", ")] if line else []
            line.append(Part(text, style))
        if beside := self.beside():
            line.append(Part(f" ({', '.join(beside)})", "quiet"))
        yield line
        yield from ([Part(text)] for text in self.wrap(self.coverage(), 0, 0))
        if self.style.verbose:
            for skipped in self.result.coverage.rules_skipped:
                yield [Part(f"  {skipped.rule} did not run: {visible(skipped.reason)}", "quiet")]

    def beside(self) -> list[str]:
        """What was found and does not count."""
        statuses = [finding.status for finding in self.result.findings]
        numbers = {
            "suppressed": len(self.result.suppressed),
            "in the baseline": statuses.count("baseline"),
            f"at {visible(self.result.base or '')} already": statuses.count("existing"),
            "fixed": len(self.result.fixed),
        }
        return [f"{number:,} {words}" for words, number in numbers.items() if number]

    def coverage(self) -> str:
        """What the answer rests on, in one sentence."""
        coverage = self.result.coverage
        skipped = f", {len(coverage.rules_skipped):,} skipped" if coverage.rules_skipped else ""
        return (
            f"Checked {_count(coverage.sources, 'source')}, {_count(coverage.migrations, 'migration')}, "
            f"{_count(coverage.statements, 'statement')}: {coverage.replayed:,} replayed, "
            f"{coverage.irrelevant:,} irrelevant, {coverage.opaque:,} opaque; "
            f"{_count(coverage.rules_run, 'rule')} run{skipped}{'; ' if coverage.besides else ''}{coverage.besides}."
        )


def _place(location: Location) -> str:
    return f"{visible(location.path)}:{location.line}:{location.column}"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
