"""Dropping objects through the dependency graph, as `performMultipleDeletions` does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from schemaguard.catalog.describe import describe_object
from schemaguard.catalog.errors import DEPENDENT_OBJECTS, Refused
from schemaguard.catalog.events import Dropped
from schemaguard.catalog.model import (
    FIRST_USER_OID,
    Constraint,
    EventTrigger,
    Extension,
    Function,
    Index,
    Other,
    Policy,
    Publication,
    Relation,
    Rule,
    Schema,
    Sequence,
    Table,
    Trigger,
    Type,
)
from schemaguard.catalog.relations import remove_constraint_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schemaguard.catalog.session import Run
    from schemaguard.catalog.state import Catalog

Target = tuple[int, int]
"""Object and part: 0 the object itself, n its column n, -n the default of column n."""
ON_COMMIT_DROP = "ONCOMMIT_DROP"


def delete_objects(run: Run, targets: Iterable[Target], *, cascade: bool, quiet: bool = False) -> None:
    """Drop the targets, what goes along with them, and with `cascade` what depends on them.

    `quiet`: an internal part may be dropped alone, and no event is left (a change that only looks like a drop).

    Raises:
        Refused: something depends on them (without `cascade`), or a target is an internal part of something else.
    """
    wanted = list(dict.fromkeys(targets))
    if not quiet:
        for target in wanted:
            _refuse_internal_part(run, target, wanted)
    doomed = closure(run.catalog, wanted, cascade=cascade)
    events = [] if quiet else list(_events(run, wanted, doomed))
    for target in reversed(doomed):
        _remove(run.catalog, target, set(doomed))
    for event in events:
        run.event(event)


def drop_temporary(catalog: Catalog, schema: int, *, at_commit: bool) -> None:
    """Drop what a session made in its temporary schema, for good or (`at_commit`) what was made ON COMMIT DROP."""
    doomed = [
        (oid, 0)
        for oid, record in catalog.objects.items()
        if getattr(record, "schema", 0) == schema
        and (not at_commit or getattr(record, "on_commit", "") == ON_COMMIT_DROP)
    ]
    every = closure(catalog, doomed, cascade=True)
    for target in reversed(every):
        _remove(catalog, target, set(every))


def closure(catalog: Catalog, targets: list[Target], *, cascade: bool) -> list[Target]:
    """Everything that is dropped with the targets, in the order it was reached.

    Raises:
        Refused: without `cascade`, something depends on them.
    """
    doomed: dict[Target, bool] = dict.fromkeys(targets, True)
    pending = list(doomed)
    while True:
        normal = _follow_automatic(catalog, doomed, pending)
        fresh = [target for target in normal if target not in doomed and (target[0], 0) not in doomed]
        if not fresh:
            return list(doomed)
        if not cascade:
            _refuse(catalog, targets, doomed, fresh)
        pending = []
        for target in fresh:
            for actual in (target, *_owners(catalog, target, doomed)):
                if actual not in doomed:
                    doomed[actual] = True
                    pending.append(actual)


def _follow_automatic(catalog: Catalog, doomed: dict[Target, bool], pending: list[Target]) -> list[Target]:
    """Add what goes along silently with `pending`; the targets that depend on any of it in the normal way."""
    normal: list[Target] = []
    while pending:
        oid, sub = pending.pop(0)
        reached = [(part, "a") for part in _parts(catalog, oid)] if sub == 0 else []
        if sub > 0:
            reached.append(((oid, -sub), "a"))  # a column's default goes with it
        if sub >= 0:
            reached += [
                ((edge.oid, edge.sub), edge.kind)
                for edge in catalog.dependents.get(oid, ())
                if sub in (0, edge.on_sub) and edge.oid != oid
            ]
            if sub > 0:
                reached += [
                    ((edge.oid, edge.sub), edge.kind)
                    for edge in catalog.dependents.get(oid, ())
                    if edge.oid == oid and edge.on_sub == sub and edge.sub != sub
                ]
        for target, kind in reached:
            if kind == "n":
                normal.append(target)
            elif target not in doomed:
                doomed[target] = True
                pending.append(target)
    return normal


def _parts(catalog: Catalog, oid: int) -> Iterator[Target]:
    """What belongs to a relation or domain whatever the edges say."""
    for mapping in (
        catalog.constraints_of, catalog.indexes_of, catalog.policies_of, catalog.triggers_of, catalog.rules_of,
    ):  # fmt: skip
        for part in mapping.get(oid, {}).values():
            yield part, 0


def _owners(catalog: Catalog, target: Target, doomed: dict[Target, bool]) -> Iterator[Target]:
    """The objects that a cascade's target is an internal part of: they go instead of it."""
    for on, edge in catalog.references.get(target[0], ()):
        if edge.kind == "i" and edge.sub == target[1] and (on, edge.on_sub) not in doomed:
            yield on, edge.on_sub


def _refuse_internal_part(run: Run, target: Target, wanted: list[Target]) -> None:
    catalog = run.catalog
    if target[1]:
        return
    for on, edge in catalog.references.get(target[0], ()):
        if edge.kind == "i" and (on, edge.on_sub) not in wanted and (on, 0) not in wanted:
            this, owner = describe_object(catalog, *target), describe_object(catalog, on, edge.on_sub)
            raise Refused(
                DEPENDENT_OBJECTS,
                f"cannot drop {this} because {owner} requires it",
                hint=f"You can drop {owner} instead.",
            )


def _refuse(
    catalog: Catalog, targets: list[Target], doomed: dict[Target, bool], dependents: list[Target]
) -> None:
    what = describe_object(catalog, *targets[0]) if len(targets) == 1 else "desired object(s)"
    lines = []
    for oid, sub in dict.fromkeys(dependents):
        on = next(
            (
                describe_object(catalog, target, 0 if (target, 0) in doomed else edge.on_sub)
                for target, edge in catalog.references.get(oid, ())
                if (target, edge.on_sub) in doomed or (target, 0) in doomed
            ),
            what,
        )
        lines.append(f"{describe_object(catalog, oid, sub)} depends on {on}")
    raise Refused(
        DEPENDENT_OBJECTS,
        f"cannot drop {what} because other objects depend on {'it' if len(targets) == 1 else 'them'}",
        detail="\n".join(lines),
        hint="Use DROP ... CASCADE to drop the dependent objects too.",
    )


def _events(run: Run, wanted: list[Target], doomed: list[Target]) -> Iterator[Dropped]:
    catalog = run.catalog
    named = set(wanted)
    for oid, sub in doomed:
        record = catalog.objects.get(oid)
        if (
            record is None
            or sub < 0
            or (isinstance(record, Type) and record.kind == "c" and (oid, sub) not in named)
        ):
            continue
        born = record.because if hasattr(record, "because") else None
        if sub and isinstance(record, Relation) and (column := record.column_at(sub)) is not None:
            born = column.because
        owner = oid if sub else getattr(record, "table", 0)
        yield Dropped(
            because=run.origin(),
            record=record,
            name=describe_object(catalog, oid, sub),
            owner=owner,
            sub=sub,
            cascade=(oid, sub) not in named,
            born=born,
        )


def _remove(catalog: Catalog, target: Target, doomed: set[Target]) -> None:
    """Take one object (or column, or default) out of the catalog."""
    oid, sub = target
    record = catalog.objects.get(oid)
    if record is None or (sub and (oid, 0) in doomed):
        return
    if sub:
        _remove_part(catalog, record, sub)
        return
    match record:
        case Index():
            catalog.remove(catalog.relations, (record.schema, record.name))
            catalog.remove(catalog.indexes_of.get(record.table, {}), record.name)
        case Relation():
            _remove_relation(catalog, record)
        case Constraint():
            owner = catalog.objects.get(record.table or record.domain)
            remove_constraint_record(catalog, record, owner.schema if owner is not None else 0)
        case Policy():
            catalog.remove(catalog.policies_of.get(record.table, {}), record.name)
        case Trigger():
            catalog.remove(catalog.triggers_of.get(record.table, {}), record.name)
        case Rule():
            catalog.remove(catalog.rules_of.get(record.table, {}), record.name)
        case Function():
            key = (record.schema, record.name)
            rest = tuple(other for other in catalog.functions.get(key, ()) if other != oid)
            if rest:
                catalog.put(catalog.functions, key, rest)
            else:
                catalog.remove(catalog.functions, key)
        case Type():
            catalog.remove(catalog.types, (record.schema, record.name))
        case _:
            _remove_global(catalog, record)
    _forget(catalog, oid)


def _remove_relation(catalog: Catalog, record: Relation) -> None:
    catalog.remove(catalog.relations, (record.schema, record.name))
    catalog.remove(catalog.seed_rows, record.oid)
    if isinstance(record, Table):
        for parent in record.parents:
            catalog.remove(catalog.children_of.get(parent, {}), record.oid)
    if isinstance(record, Sequence) and record.owned_by and record.internal:
        return
    for publication in catalog.publications.values():
        members = catalog.get(publication, Publication)
        if record.oid in members.tables:
            rest = tuple(oid for oid in members.tables if oid != record.oid)
            catalog.store(msgspec.structs.replace(members, tables=rest))


def _remove_global(catalog: Catalog, record: Any) -> None:  # noqa: ANN401 - the records without a class of their own above
    match record:
        case Schema():
            catalog.remove(catalog.schemas, record.name)
            for key in [key for key in catalog.default_acls if key[1] == record.oid]:
                catalog.remove(catalog.default_acls, key)
            for oid in catalog.publications.values():
                members = catalog.get(oid, Publication)
                if record.oid in members.schemas:
                    rest = tuple(schema for schema in members.schemas if schema != record.oid)
                    catalog.store(msgspec.structs.replace(members, schemas=rest))
        case Extension():
            catalog.remove(catalog.extensions, record.name)
        case Publication():
            catalog.remove(catalog.publications, record.name)
        case EventTrigger():
            catalog.remove(catalog.event_triggers, record.name)
        case Other():
            catalog.remove(catalog.others, (record.catalog, record.schema, record.name))


def _forget(catalog: Catalog, oid: int) -> None:
    """Remove the record, its comments and its edges."""
    record = catalog.objects.get(oid)
    catalog.forget_dependencies(oid)
    catalog.remove(catalog.references, oid)
    catalog.remove(catalog.dependents, oid)
    catalog.remove(catalog.comments, (oid, 0))
    if isinstance(record, Relation):
        for column in record.columns:
            catalog.remove(catalog.comments, (oid, column.number))
    catalog.remove(catalog.objects, oid)


def _remove_part(catalog: Catalog, record: Any, sub: int) -> None:  # noqa: ANN401 - a relation, in practice
    """Remove a column, or a column's default."""
    if not isinstance(record, Relation):
        return
    number = abs(sub)
    if sub < 0:
        columns = tuple(
            msgspec.structs.replace(column, default=None, generated="") if column.number == number else column
            for column in record.columns
        )
        catalog.store(msgspec.structs.replace(record, columns=columns))
        catalog.forget_dependencies(record.oid, sub=sub)
        return
    catalog.store(
        msgspec.structs.replace(record, columns=tuple(c for c in record.columns if c.number != number))
    )
    catalog.forget_dependencies(record.oid, sub=number)
    catalog.forget_dependencies(record.oid, sub=-number)
    catalog.remove(catalog.comments, (record.oid, number))


def is_builtin(oid: int) -> bool:
    """Whether an object belongs to the server itself: it can't be dropped."""
    return oid < FIRST_USER_OID
