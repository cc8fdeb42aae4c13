"""Findings of both sides compared by key: what is new, what was there, what is fixed."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

import msgspec

from schemaguard.findings import Evidence

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from schemaguard.findings import Finding
    from schemaguard.text import Location

EXISTING = "existing"
"""The status of a finding that the base has, too."""

BEFORE = "this was there before; what the change does makes it matter"


class Changed(Protocol):
    """The places that a change wrote."""

    def holds(self, location: Location) -> bool:
        """Whether a place is among them."""


def compared(
    findings: Iterable[Finding],
    base: Iterable[Finding],
    changed: Changed,
    *,
    renamed: Mapping[str, str] = MappingProxyType({}),
    counts_again: Collection[str] = (),
) -> list[Finding]:
    """The head's findings with their status, the new ones at a place that the change wrote, where there is one.

    A finding is new where the base has none of its key, or where it has an exposure that the base's has not.
    `renamed`: parts of keys that were others at the base. `counts_again`: keys whose day in the baseline is past.
    """
    known = {finding.key: finding for finding in base}
    found: list[Finding] = []
    for finding in findings:
        other = known.get(key_at_base(finding.key, renamed))
        opened = frozenset() if other is None else frozenset(each.name for each in other.exposures)
        widened = any(each.name not in opened for each in finding.exposures)
        if finding.status != "new" or finding.key in counts_again:
            found.append(finding)
        elif other is not None and not widened:
            found.append(_existing(finding))
        else:
            found.append(pinned(finding, opened, changed, must_move=other is not None))
    return sorted(found, key=lambda each: each.order)


def in_changed_files(
    findings: Iterable[Finding], changed: Changed, *, config: str = "", counts_again: Collection[str] = ()
) -> list[Finding]:
    """The findings with their status, by place alone: new is what a changed file has a part in.

    The config (its path) has a part in many, and makes new only what is found in itself.
    """
    found: list[Finding] = []
    for finding in findings:
        parts = [place for place in _places(finding, frozenset()) if place.path != config]
        if finding.status != "new" or finding.key in counts_again:
            found.append(finding)
        elif any(map(changed.holds, (finding.location, *parts))):
            found.append(pinned(finding, frozenset(), changed))
        else:
            found.append(_existing(finding))
    return sorted(found, key=lambda each: each.order)


def fixed(
    base: Iterable[Finding], head: Iterable[Finding], renamed: Mapping[str, str], ran: Collection[str]
) -> list[Finding]:
    """The base's findings, of rules that ran, of whose key the head has none."""
    left = {key_at_base(finding.key, renamed) for finding in head}
    return [finding for finding in base if finding.key not in left and finding.rule in ran]


def _existing(finding: Finding) -> Finding:
    return msgspec.structs.replace(finding, status=EXISTING)


def key_at_base(key: str, renamed: Mapping[str, str]) -> str:
    """The key that a finding had at the base, where a migration or file in it had another name."""
    if not renamed:
        return key
    parts = []
    for part in key.split(":"):
        name, number, rest = part.partition("#")
        parts.append(f"{renamed.get(name, name)}{number}{rest}")
    return ":".join(parts)


def pinned(
    finding: Finding, opened: Collection[str], changed: Changed, *, must_move: bool = False
) -> Finding:
    """The finding at a place that the change wrote; its own place goes to the evidence.

    First what opened a new exposure, then the rest of the evidence. `must_move`: its own place does not count, since
    the base has the finding; then what opened the exposure does wherever it stands.
    """
    if changed.holds(finding.location) and not must_move:
        return finding
    places = _places(finding, opened)
    place = next(filter(changed.holds, places), None)
    if place is None and must_move:
        place = next(iter(places), None)
    if place is None or place == finding.location:
        return finding
    rest = [each for each in finding.evidence if each.location != place]
    told = [each.message for each in finding.evidence if each.location == place]
    evidence = (Evidence(BEFORE, finding.location), *(Evidence(each) for each in told), *rest)
    return msgspec.structs.replace(finding, location=place, evidence=evidence)


def _places(finding: Finding, opened: Collection[str]) -> Sequence[Location]:
    """Where a finding's new exposures were opened, then the places of its evidence."""
    exposures = [each.location for each in finding.exposures if each.name not in opened]
    return [
        place for place in (*exposures, *(each.location for each in finding.evidence)) if place is not None
    ]
