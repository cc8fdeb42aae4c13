"""The baseline: a file of known findings, by key, that do not count until they expire."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import msgspec

from schemaguard.config.decode import decode
from schemaguard.config.document import read_yaml
from schemaguard.config.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from schemaguard.findings import Finding
    from schemaguard.text import SourceFile, Span

STATUS = "baseline"
NEVER_WHOLESALE = "coverage"
"""The family whose findings `write` leaves out: what could not be checked is accepted one by one, by hand."""

_DAY = msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\d$")


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One known finding; the last day of `expires` is the last on which it is accepted."""

    key: str
    rule: str
    added: Annotated[str, _DAY]
    reason: str = ""
    expires: Annotated[str, _DAY] | None = None


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    findings: tuple[Entry, ...] = ()


class Baseline:
    """The entries of a baseline file, and after `apply` which of them were met."""

    def __init__(self, entries: Iterable[Entry], today: date, places: dict[str, Span] | None = None) -> None:
        """Take the entries, the day that `expires` is compared with, and where each key stands."""
        self.entries = {entry.key: entry for entry in entries}
        self.today = today
        self.places = places or {}
        self.met: set[str] = set()

    def is_expired(self, entry: Entry) -> bool:
        """Whether a finding counts again."""
        return entry.expires is not None and date.fromisoformat(entry.expires) < self.today

    def apply(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings, those that the baseline accepts with its status."""
        return [self._judge(finding) for finding in findings]

    def _judge(self, finding: Finding) -> Finding:
        entry = self.entries.get(finding.key)
        if entry is None:
            return finding
        self.met.add(entry.key)
        if self.is_expired(entry) or finding.status != "new":
            return finding
        return msgspec.structs.replace(finding, status=STATUS)

    def stale(self, ran: Collection[str]) -> Iterator[Entry]:
        """Entries of rules that ran and whose finding is gone, by key."""
        for key, entry in sorted(self.entries.items()):
            if key not in self.met and entry.rule in ran:
                yield entry


def read_baseline(file: SourceFile, today: date) -> Baseline:
    """Read a baseline file.

    Raises:
        ConfigError: it is not one, with the line.
    """
    document, spans = decode(read_yaml(file), _Document)
    if document.version != 1:
        raise ConfigError.at(
            spans.get(("version",)), f"version {document.version} of a baseline is not known here"
        )
    places: dict[str, Span] = {}
    for number, entry in enumerate(document.findings):
        span = spans["findings", number]
        if entry.key in places:
            first = places[entry.key].line
            raise ConfigError.at(span, f"the key `{entry.key}` is listed twice: first at line {first}")
        for day in (entry.added, entry.expires):
            _require_day(day, span)
        places[entry.key] = span
    return Baseline(document.findings, today, places)


def _require_day(day: str | None, span: Span) -> None:
    try:
        date.fromisoformat(day or "2000-01-01")
    except ValueError:
        raise ConfigError.at(span, f"`{day}` is not a day") from None


def entries_for(findings: Iterable[Finding], known: Baseline | None, today: date, reason: str) -> list[Entry]:
    """Entries for all findings but those of the coverage family; what is known already keeps its entry."""
    found: dict[str, Entry] = {}
    for finding in findings:
        entry = known.entries.get(finding.key) if known is not None else None
        if entry is not None:
            found[finding.key] = entry
        elif finding.family != NEVER_WHOLESALE:
            found[finding.key] = Entry(finding.key, finding.rule, today.isoformat(), reason)
    return [found[key] for key in sorted(found)]


def written(entries: Iterable[Entry]) -> str:
    """The text of a baseline file."""
    import json

    def scalar(text: str) -> str:
        return json.dumps(text, ensure_ascii=True)  # a JSON string is a YAML one, whatever it holds

    lines = [
        "# Known findings, accepted when schemaguard was introduced: they do not count, new ones do.",
        "# Give each its reason; `expires: YYYY-MM-DD` makes one count again.",
        "# `schemaguard baseline prune` drops what is fixed.",
        "version: 1",
    ]
    listed = list(entries)
    lines.append("findings:" if listed else "findings: []")
    for entry in listed:
        lines += [f"  - key: {scalar(entry.key)}", f"    rule: {entry.rule}", f"    added: {entry.added}"]
        lines += [f"    reason: {scalar(entry.reason)}"] if entry.reason else []
        lines += [f"    expires: {entry.expires}"] if entry.expires else []
    return "\n".join(lines) + "\n"
