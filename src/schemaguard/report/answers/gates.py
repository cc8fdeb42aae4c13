"""The governance checklist, for terminals, for a pull request and for programs."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from schemaguard.gate.checklist import Verdict, holds
from schemaguard.report.answers.parts import head, place_text
from schemaguard.report.json_report import location_object
from schemaguard.report.markdown import LIMIT, escape, inline
from schemaguard.report.safe import visible
from schemaguard.report.terminal import Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemaguard.gate.checklist import Fact, Item
    from schemaguard.report.terminal import Line

WORDS = {
    Verdict.PROVED: "good",
    Verdict.REVIEW: "label",
    Verdict.UNCHECKED: "warning",
    Verdict.FAILED: "error",
}
"""How each verdict looks in a terminal."""

MOST = 5
"""So much of a gate's evidence is told to people; JSON has all of it."""


def document(items: Sequence[Item]) -> dict[str, Any]:
    """The checklist as JSON."""
    return {
        **head(),
        "gates": [
            {
                "phase": item.gate.phase,
                "gate": item.gate.gate,
                "status": item.verdict.value,
                "review": item.gate.review,
                "evidence": [
                    {
                        "words": fact.words,
                        "against": fact.against is not None,
                        "location": None if fact.location is None else location_object(fact.location),
                    }
                    for fact in item.evidence
                ],
            }
            for item in items
        ],
        "summary": counts(items),
        "exit_code": int(not holds(items)),
    }


def counts(items: Sequence[Item]) -> dict[str, int]:
    """How many gates stand how."""
    verdicts = [item.verdict for item in items]
    return {verdict.value: verdicts.count(verdict) for verdict in Verdict}


def lines(items: Sequence[Item]) -> Iterator[Line]:
    """The checklist for people, phase by phase."""
    width = max(len(verdict.value) for verdict in Verdict)
    for phase, gates in groupby(items, key=lambda item: item.gate.phase):
        if phase:
            yield [Part(visible(phase), "message")]
        for item in gates:
            yield [
                Part(f"  {item.verdict.value:<{width}}  ", WORDS[item.verdict]),
                Part(visible(item.gate.gate)),
            ]
            for fact in _told(item):
                place = f" ({place_text(fact.location)})" if fact.location is not None else ""
                yield [Part(f"  {'':<{width}}    {visible(fact.words)}{place}", "quiet")]
        yield []
    yield [Part(summary(items))]


def markdown(items: Sequence[Item]) -> str:
    """The checklist for a pull request: a box is ticked where a machine proved it, the others are a person's."""
    parts = [f"### Governance gates: {summary(items)}", ""]
    room = LIMIT - 500
    left_out = 0
    for phase, gates in groupby(items, key=lambda item: item.gate.phase):
        if phase:
            parts += [f"#### {inline(phase)}", ""]
        for item in gates:
            text = "\n".join(_box(item))
            room -= 2 * len(text)
            if room < 0:
                left_out += 1
                continue
            parts.append(text)
        parts.append("")
    if left_out:
        parts += [f"{left_out} gates more are not shown here.", ""]
    return "\n".join(parts)


def _box(item: Item) -> Iterator[str]:
    tick = "x" if item.verdict is Verdict.PROVED else " "
    asks = " (for a reviewer)" if item.verdict is Verdict.REVIEW else ""
    yield f"- [{tick}] {item.verdict.value}: {inline(item.gate.gate)}{asks}"
    for fact in _told(item):
        place = f" <code>{escape(place_text(fact.location))}</code>" if fact.location is not None else ""
        yield f"  <br>{inline(fact.words)}{place}"


def _told(item: Item) -> Iterator[Fact]:
    """The evidence, what speaks against the gate first; what is left out is counted."""
    from schemaguard.gate.checklist import Fact

    ordered = sorted(item.evidence, key=lambda fact: fact.against is None)
    yield from ordered[:MOST]
    if len(ordered) > MOST:
        yield Fact(f"and {len(ordered) - MOST} more")


def summary(items: Sequence[Item]) -> str:
    """`12 proved, 2 for review, 1 unchecked, 3 failed`."""
    words = {"review": "for review"}
    return ", ".join(f"{number} {words.get(name, name)}" for name, number in counts(items).items() if number)
