"""A migration's up and down program, one after the other, and whether the catalog comes back as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from schemaguard.catalog.diff import Difference, differences
from schemaguard.catalog.facts import facts
from schemaguard.catalog.model import Relation, Type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.replay import Replay, Step
    from schemaguard.catalog.state import Catalog
    from schemaguard.sources.migration import Migration


class RoundTrip(NamedTuple):
    """What a down program leaves different from what was there before the up program, the order of columns aside.

    `left`: paths and values before, `right` after up and down (see `diff.Difference`). `steps`: those of the down
    program. `uncertain`: the down program did something that is not known, so nothing is said.
    """

    migration: Migration
    differences: Sequence[Difference]
    steps: Sequence[Step]
    uncertain: bool


def round_trip(replay: Replay, migration: Migration, before: int, up_steps: int) -> RoundTrip:
    """Run the down program on top of the up program's result, compare with the state at mark `before`, and go back.

    `up_steps`: how many steps the history had before the up program.
    """
    catalog, history = replay.catalog, replay.history
    after_up, steps_before = catalog.mark(), len(history.steps)
    notes, unparsed = len(history.notes), len(history.unparsed)
    replay.apply_down(migration)
    steps = history.steps[steps_before:]
    uncertain = any(step.opaque is not None for step in (*steps, *history.steps[up_steps:steps_before]))
    uncertain = uncertain or len(history.notes) > notes or len(history.unparsed) > unparsed
    touched = touched_names(catalog, before)
    after = facts(catalog, only=touched) if touched else None
    catalog.rewind(after_up)
    del history.steps[steps_before:], history.notes[notes:], history.unparsed[unparsed:]
    if after is None:
        return RoundTrip(migration, (), steps, uncertain)
    forward = catalog.take_back(before)
    was = facts(catalog, only=touched)
    catalog.reapply(forward)
    return RoundTrip(migration, list(filter(_counts, differences(was, after))), steps, uncertain)


def _counts(difference: Difference) -> bool:
    """Whether a down program could have done better, and the difference does not follow from another one.

    A column that is added again comes last: no statement puts it back where it was.
    """
    path = difference.path
    return path[-2:] != ("columns", "order") and "effective_privileges" not in path


def touched_names(catalog: Catalog, mark: int) -> frozenset[tuple[str, str]]:
    """The objects that were touched since `mark`, as (schema or "", name): under their old and their new names."""
    found: set[tuple[str, str]] = set()
    gone = {key: old for mapping, key, old in catalog.changed_since(mark) if mapping is catalog.objects}
    for mapping, key, old in catalog.changed_since(mark):
        if mapping is catalog.objects:
            for record in (old, catalog.objects.get(key)):
                if record is not None and not catalog.absent(record):
                    found.update(_names(catalog, record, gone))
        elif mapping is catalog.comments:
            record = catalog.objects.get(key[0], gone.get(key[0]))
            if record is not None and not catalog.absent(record):
                found.update(_names(catalog, record, gone))
        elif mapping is catalog.memberships or mapping is catalog.default_acls:
            found.add(("", ""))
    return frozenset(found)


def _names(catalog: Catalog, record: Any, gone: dict[int, Any]) -> set[tuple[str, str]]:  # noqa: ANN401 - any record
    """The name of an object, or of the table that it belongs to."""
    owner = getattr(record, "table", 0) or getattr(record, "domain", 0)
    if owner:
        found = set()
        for state in (catalog.objects.get(owner), gone.get(owner)):
            if isinstance(state, (Relation, Type)):
                found.add((_schema(catalog, state.schema, gone), state.name))
        return found
    schema = getattr(record, "schema", 0)
    return {(_schema(catalog, schema, gone) if schema else "", record.name)}


def _schema(catalog: Catalog, oid: int, gone: dict[int, Any]) -> str:
    record = catalog.objects.get(oid) or gone.get(oid)
    return str(getattr(record, "name", ""))
