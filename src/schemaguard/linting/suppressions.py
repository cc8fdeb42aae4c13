"""Comments that silence findings: read, applied, and found wanting.

    -- schemaguard: allow money-not-integer, table-comment-missing until 2027-01-01: agreed in #412
    -- schemaguard: allow-file downgrade-missing: written before we had any
    -- schemaguard: approve: the column was read by nobody for a year

The first stands on or above the statement, the second above all statements of its file; the third is short
for `allow destructive-change`. In Python they begin with `#`.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.linting.result import Suppressed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from schemaguard.findings import Finding
    from schemaguard.text import SourceFile, Span, SqlText

MARK = "schemaguard"
VERBS = ("allow", "allow-file", "approve")
APPROVED = "destructive-change"
UNDENIABLE = frozenset(("suppression-invalid",))
"""Rules whose findings no comment can silence."""

_MEANT = re.compile(
    rf"{MARK}(\s*:|[\s-]+(allow|approve|ignore|disable|suppress|skip|nolint|noqa|off)\b)", re.IGNORECASE
)
_FORM = re.compile(
    rf"{MARK}\s*:\s*(?P<verb>allow-file|allow|approve)\b(?P<rules>(?: [^:]*?)??)"
    r"(?: until (?P<until>[^:\s]*))?\s*:\s*(?P<reason>.*)"
)
_VERB = re.compile(rf"{MARK}\s*:\s*([\w-]*)")


class Mistake(NamedTuple):
    """A comment that was meant to silence something and does not: where, and what is wrong with it."""

    span: Span
    message: str


class Comment(NamedTuple):
    """A comment in any language: words, place, and the file offsets of the statement that it belongs to.

    `inside`: within the statement, so that it speaks of its own line (`alone`: of the next one) and of the
    statement as a whole. `at_top`: above all statements of the file.
    """

    words: str
    span: Span
    statement: tuple[int, int] | None
    inside: bool
    alone: bool
    at_top: bool


class Suppression:
    """A comment that silences rules in its range; `used` collects those of which it silenced a finding."""

    __slots__ = ("comment", "expired", "reason", "rules", "until", "used", "whole_file")

    def __init__(self, comment: Comment, rules: tuple[str, ...], reason: str, until: date | None) -> None:
        """Take what the comment says."""
        self.comment = comment
        self.rules = rules
        self.reason = reason
        self.until = until
        self.whole_file = False
        self.expired = False
        self.used: set[str] = set()

    @property
    def span(self) -> Span:
        """Where the comment stands."""
        return self.comment.span

    def covers(self, finding: Finding) -> bool:
        """Whether a finding of this comment's file lies in its range."""
        if self.whole_file:
            return True
        comment = self.comment
        if comment.statement is None:
            return False
        file = comment.span.file
        line = finding.location.line
        if line > len(file.line_starts):
            return False
        at = file.line_starts[line - 1] + finding.location.column - 1
        start, end = comment.statement
        if not start <= at <= end:
            return False
        own = _next_code_line(file, comment.span.line) if comment.alone else comment.span.line
        return not comment.inside or at == start or line == own


class Suppressions:
    """All comments of the files under check that were meant to silence something."""

    def __init__(self, rules: Collection[str], today: date) -> None:
        """Take the names of all rules there are, and the day that `until` is compared with."""
        self.rules = rules
        self.today = today
        self.mistakes: list[Mistake] = []
        self.by_path: dict[str, list[Suppression]] = {}
        self._seen: set[tuple[str, int]] = set()

    @property
    def all(self) -> list[Suppression]:
        """The valid ones, by file and place."""
        return [each for _, found in sorted(self.by_path.items()) for each in found]

    def read(self, file: SourceFile, texts: Iterable[SqlText] = ()) -> None:
        """Read the comments of a file; of a Python file also those in the SQL that it holds (`texts`)."""
        if MARK not in file.text:
            return
        from schemaguard.linting.comments import sql_file_comments, sql_text_comments

        if file.path.endswith(".py"):
            from schemaguard.linting.comments import python_file_comments

            found = [*python_file_comments(file, MARK)]
            for text in texts:
                found += sql_text_comments(text, MARK)
        else:
            found = [*sql_file_comments(file, MARK)]
        for comment in sorted(found, key=lambda each: each.span.start):
            if (place := (file.path, comment.span.start)) not in self._seen:
                self._seen.add(place)
                self._take(comment)

    def apply(self, findings: Iterable[Finding]) -> tuple[list[Finding], list[Suppressed]]:
        """Part findings into those that stay and those that a comment silences."""
        kept: list[Finding] = []
        silenced: list[Suppressed] = []
        for finding in findings:
            by = [
                each
                for each in self.by_path.get(finding.location.path, ())
                if finding.rule in each.rules and each.covers(finding)
            ]
            for each in by:
                each.used.add(finding.rule)
            valid = [each for each in by if not each.expired]
            if valid:
                silenced.append(Suppressed(finding, "source", valid[0].reason))
            else:
                kept.append(finding)
        return kept, silenced

    def unused(self, ran: Collection[str]) -> Iterator[tuple[Suppression, str]]:
        """Comments, not expired ones, with a rule that ran and of which they silenced nothing."""
        for each in self.all:
            if each.expired:
                continue
            yield from ((each, rule) for rule in each.rules if rule in ran and rule not in each.used)

    def _take(self, comment: Comment) -> None:
        """Read one comment: a suppression, a mistake, or mere prose."""
        if not _MEANT.match(comment.words):
            return
        read = read_comment(comment, self.rules)
        if isinstance(read, str):
            self.mistakes.append(Mistake(comment.span, read))
        else:
            read.expired = read.until is not None and read.until < self.today
            self.by_path.setdefault(comment.span.path, []).append(read)


def read_comment(comment: Comment, known: Collection[str]) -> Suppression | str:
    """The suppression that a comment is, or what is wrong with it; `known` are the rules there are."""
    found = _FORM.fullmatch(comment.words)
    if found is None:
        return _misshapen(comment.words)
    verb, reason = found["verb"], found["reason"].strip()
    named = (found["rules"] or "").strip()
    rules = (APPROVED,) if verb == "approve" else tuple(rule.strip() for rule in named.split(","))
    if verb == "approve" and named:
        return f"`approve` names no rules, it is short for `allow {APPROVED}`"
    if not reason:
        return "it gives no reason: write one after a colon"
    for rule in rules:
        if fault := _rule_fault(rule, known):
            return fault
    until: date | None = None
    if found["until"] is not None:
        until = _date(found["until"])
        if until is None:
            return f"`until {found['until']}` is not a date like 2027-01-31"
    if verb == "allow-file" and not comment.at_top:
        return "`allow-file` stands at the top of a file, above its first statement"
    if verb != "allow-file" and comment.statement is None:
        return "it stands on or above no statement"
    suppression = Suppression(comment, rules, reason, until)
    suppression.whole_file = verb == "allow-file"
    return suppression


def _misshapen(words: str) -> str:
    found = _VERB.match(words)
    verb = found[1] if found else ""
    if verb and verb not in VERBS:
        return f"`{verb}` is none of `allow`, `allow-file` and `approve`{_hint(verb, VERBS)}"
    if verb and ":" not in words[found.end() if found else 0 :]:
        return "it gives no reason: write one after a colon"
    return f"it reads `{MARK}: allow RULE[, RULE] [until DATE]: reason`"


def _rule_fault(rule: str, known: Collection[str]) -> str:
    if not rule:
        return "it names no rule"
    if rule in UNDENIABLE:
        return f"`{rule}` can't be silenced"
    if rule in known:
        return ""
    return f"there is no rule `{rule}`{_hint(rule, known)}"


def _hint(word: str, words: Iterable[str]) -> str:
    from schemaguard.config.decode import nearest

    hint = nearest(word, words)
    return f"; {hint}" if hint else ""


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None


def _next_code_line(file: SourceFile, line: int) -> int:
    """The first line below `line` that is neither empty nor only a comment."""
    number = line + 1
    while number <= len(file.line_starts):
        text = file.line(number).strip()
        if text and not text.startswith(("--", "/*", "#")):
            break
        number += 1
    return number
