"""
A migration's down program does not give back what was there before.

## Why it matters
After down and up again the schema is another one than where the migration ran once: a grant too many, a comment or a
policy gone. Nobody looks, because both programs ran without an error.

## When it is fine
What can't be given back (a dropped column's data) is not looked at, only definitions. Where a program does something
that can't be known, nothing is said.

## Instead
Undo in the down program what the up program does, in the opposite order.

## References
* Seed, phase 2.2: "downgrade"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Rule, Severity, difference_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Finding, Project, RoundTrip

rule = Rule(__name__, severity=Severity.ERROR, since="0.1.0")

SHOWN = 5


@rule.check
def check(project: Project) -> Iterator[Finding]:
    """Report each migration whose round trip leaves a difference, or whose down program fails."""
    for trip in project.history.round_trips:
        refused = [step for step in trip.steps if step.error is not None]
        if refused:
            yield _refused(project, trip)
        elif trip.differences and not trip.uncertain:
            words = [difference_in_words(difference) for difference in trip.differences]
            more = f", and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
            yield rule.finding(
                project,
                project.down_program(trip.migration, trip.steps),
                f"up and down of `{trip.migration.name}` does not give the schema back: "
                f"{'; '.join(words[:SHOWN])}{more}",
                object=f"migration {trip.migration.name}",
                because=[(None, words) for words in words[SHOWN : SHOWN + 10]],
            )


def _refused(project: Project, trip: RoundTrip) -> Finding:
    step = next(step for step in trip.steps if step.error is not None)
    return rule.finding(
        project,
        step.statement.span,
        f"the down program of `{trip.migration.name}` fails: {step.error.message if step.error else ''}",
        object=f"migration {trip.migration.name}",
    )
