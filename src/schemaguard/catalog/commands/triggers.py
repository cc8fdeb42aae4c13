"""CREATE TRIGGER, ENABLE and DISABLE TRIGGER."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.commands.trigger_checks import (
    EVENTS,
    TIMINGS,
    check_kind,
    check_shape,
    check_transition_tables,
    check_when,
)
from schemaguard.catalog.errors import (
    DUPLICATE_COLUMN,
    DUPLICATE_OBJECT,
    INSUFFICIENT_PRIVILEGE,
    INVALID_OBJECT_DEFINITION,
    UNDEFINED_COLUMN,
    UNDEFINED_OBJECT,
    Refused,
)
from schemaguard.catalog.model import FIRST_USER_OID, Constraint, Relation, Table, Trigger, TypeRef
from schemaguard.catalog.relations import add_constraint_record, current
from schemaguard.catalog.routines import TRIGGER, require_function

if TYPE_CHECKING:
    from schemaguard.catalog.model import Expression
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

_CLONES_FOLLOW_BY_PARENT_SINCE = 15
"""From this version ENABLE and DISABLE find a trigger's clones by their parent, before by their name."""


def create_trigger(run: Run, node: Node) -> None:
    """CREATE [OR REPLACE] [CONSTRAINT] TRIGGER."""
    relation: Relation = run.session.relation(node["relation"])
    check_kind(relation, node)
    if relation.oid < FIRST_USER_OID:
        message = f'permission denied: "{relation.name}" is a system catalog'
        raise Refused(INSUFFICIENT_PRIVILEGE, message)
    referenced = run.session.relation(node["constrrel"]) if "constrrel" in node else None
    for target in (relation, referenced):
        if target is not None:
            _require_trigger_right(run, target)
    check_shape(node)
    old_table, new_table = check_transition_tables(relation, node)
    when = _when(run, relation, node)
    function = _function(run, strings(node["funcname"]))
    name = node["trigname"]
    known = run.catalog.triggers_of.get(relation.oid, {}).get(name)
    if known is not None:
        _check_replacement(run.catalog.get(known, Trigger), relation, replace=bool(node.get("replace")))
    columns = _columns(relation, strings(node.get("columns")))
    trigger = Trigger(
        oid=known or run.catalog.new_oid(),
        name=name,
        table=relation.oid,
        function=function,
        timing=TIMINGS[node.get("timing", 0)],
        events=tuple(event for bit, event in EVENTS.items() if node["events"] & bit),
        level="row" if node.get("row") else "statement",
        columns=columns,
        when=when,
        arguments=tuple(strings(node.get("args"))),
        constraint=bool(node.get("isconstraint")),
        deferrable=bool(node.get("deferrable")),
        initially_deferred=bool(node.get("initdeferred")),
        old_table=old_table,
        new_table=new_table,
        because=run.origin(),
    )
    if known is not None:
        run.catalog.forget_dependencies(known)
        _forget_clones(run, known)
    _add(run, relation, trigger, referenced)


def _require_trigger_right(run: Run, relation: Relation) -> None:
    from schemaguard.catalog.privileges.query import has_privilege

    if not has_privilege(run.catalog, run.session.role, "TRIGGER", relation.oid):
        word = run.session.describe(relation).split(' "')[0]
        raise Refused(INSUFFICIENT_PRIVILEGE, f"permission denied for {word} {relation.name}")


def _when(run: Run, relation: Relation, node: Node) -> Expression | None:
    from schemaguard.catalog.analysis.binding import bind_expression

    if "whenClause" not in node:
        return None
    expression = bind_expression(
        run.session, node["whenClause"], relation, run.origin(), context="when", new_old=True
    )
    check_when(relation, node)
    return expression


def _function(run: Run, names: list[str]) -> int:
    """The oid of the function to call, which must return `trigger`."""
    from schemaguard.catalog.privileges.query import has_privilege

    function = require_function(run.session, names, ())
    if not has_privilege(run.catalog, run.session.role, "EXECUTE", function.oid):
        raise Refused(INSUFFICIENT_PRIVILEGE, f"permission denied for function {function.name}")
    if function.returns != TypeRef(TRIGGER) or function.returns_set:
        message = f"function {'.'.join(names)} must return type trigger"
        raise Refused(INVALID_OBJECT_DEFINITION, message)
    return function.oid


def _check_replacement(old: Trigger, relation: Relation, *, replace: bool) -> None:
    if not replace:
        message = f'trigger "{old.name}" for relation "{relation.name}" already exists'
        raise Refused(DUPLICATE_OBJECT, message)
    if old.parent:
        message = f'trigger "{old.name}" for relation "{relation.name}" is an internal or a child trigger'
        raise Refused(DUPLICATE_OBJECT, message)
    if old.constraint:
        message = f'trigger "{old.name}" for relation "{relation.name}" is a constraint trigger'
        raise Refused(DUPLICATE_OBJECT, message)


def _columns(relation: Relation, names: list[str]) -> tuple[int, ...]:
    numbers: list[int] = []
    for name in names:
        column = relation.column(name)
        if column is None:
            message = f'column "{name}" of relation "{relation.name}" does not exist'
            raise Refused(UNDEFINED_COLUMN, message)
        if column.number in numbers:
            raise Refused(DUPLICATE_COLUMN, f'column "{name}" specified more than once')
        numbers.append(column.number)
    return tuple(numbers)


def _add(run: Run, relation: Relation, trigger: Trigger, referenced: Relation | None) -> None:
    """Store a trigger with its dependencies, and its clones on the partitions."""
    from schemaguard.catalog.analysis.binding import dependencies

    catalog = run.catalog
    catalog.put_in(catalog.triggers_of, relation.oid, trigger.name, trigger.oid)
    catalog.store(trigger)
    catalog.depend(trigger.oid, relation.oid, "a")
    catalog.depend(trigger.oid, trigger.function)
    if referenced is not None:
        catalog.depend(trigger.oid, referenced.oid, "a")
    if trigger.parent:
        catalog.depend(trigger.oid, trigger.parent, "i")
    for number in trigger.columns:
        catalog.depend(trigger.oid, relation.oid, on_sub=number)
    if trigger.when is not None:
        for _name, number in trigger.when.columns:
            catalog.depend(trigger.oid, relation.oid, on_sub=number)
        for oid, sub in dependencies(run.session, trigger.when, relation):
            catalog.depend(trigger.oid, oid, on_sub=sub)
    if trigger.constraint:
        _add_constraint(run, relation, trigger)
    if isinstance(relation, Table) and relation.kind == "p" and trigger.level == "row":
        for partition in catalog.children(relation.oid):
            _clone(run, relation, partition, trigger)


def _add_constraint(run: Run, relation: Relation, trigger: Trigger) -> None:
    """The constraint that stands for a constraint trigger, and goes with it."""
    catalog = run.catalog
    if trigger.name in catalog.constraints_of.get(relation.oid, {}):
        index = "pg_constraint_conrelid_contypid_conname_index"
        raise Refused("23505", f'duplicate key value violates unique constraint "{index}"')
    constraint = Constraint(
        oid=catalog.new_oid(),
        name=trigger.name,
        type="t",
        table=relation.oid,
        deferrable=trigger.deferrable,
        initially_deferred=trigger.initially_deferred,
        because=trigger.because,
    )
    add_constraint_record(catalog, constraint, relation.schema)
    catalog.depend(constraint.oid, trigger.oid, "i")


# Partitions


def clone_triggers(run: Run, parent: Table, partition: Table) -> None:
    """Give a partition the row triggers of its parent (statement triggers stay the parent's alone).

    Raises:
        Refused: the partition has a trigger of the same name.
    """
    for trigger in run.catalog.triggers(parent.oid):
        if trigger.level == "row":
            _clone(run, parent, partition, trigger)


def _clone(run: Run, parent: Table, partition: Table, trigger: Trigger) -> None:
    from schemaguard.catalog.analysis.binding import for_child

    catalog = run.catalog
    partition = current(catalog, partition)
    if trigger.name in catalog.triggers_of.get(partition.oid, {}):
        message = f'trigger "{trigger.name}" for relation "{partition.name}" already exists'
        raise Refused(DUPLICATE_OBJECT, message)
    names = [column.name for column in parent.columns if column.number in trigger.columns]
    when = None if trigger.when is None else for_child(catalog, trigger.when, parent, partition)
    clone = msgspec.structs.replace(
        trigger,
        oid=catalog.new_oid(),
        table=partition.oid,
        columns=_columns(partition, names),
        when=when,
        parent=trigger.oid,
    )
    _add(run, partition, clone, None)


def drop_cloned_triggers(run: Run, partition: Table) -> None:
    """Take the parent's row triggers from a partition that is being detached."""
    from schemaguard.catalog.deletion import delete_objects

    clones = [(trigger.oid, 0) for trigger in run.catalog.triggers(partition.oid) if trigger.parent]
    if clones:
        delete_objects(run, clones, cascade=False, quiet=True)


def _forget_clones(run: Run, trigger: int) -> None:
    """Remove the clones of a trigger that is being replaced; they are made anew."""
    from schemaguard.catalog.deletion import delete_objects

    clones = clones_of(run, trigger)
    if clones:
        delete_objects(run, [(clone.oid, 0) for clone in clones], cascade=False, quiet=True)


def clones_of(run: Run, trigger: int) -> list[Trigger]:
    """The clones of a partitioned table's trigger on its direct partitions."""
    found = [run.catalog.objects.get(edge.oid) for edge in run.catalog.dependents.get(trigger, ())]
    return [clone for clone in found if isinstance(clone, Trigger) and clone.parent == trigger]


def rename_clones(run: Run, trigger: int, name: str) -> None:
    """Give the clones of a partitioned table's trigger its new name, at any depth.

    Raises:
        Refused: a partition has another trigger of that name.
    """
    catalog = run.catalog
    for clone in clones_of(run, trigger):
        own = catalog.triggers_of[clone.table]
        if name in own:
            partition = catalog.get(clone.table, Table).name
            raise Refused(DUPLICATE_OBJECT, f'trigger "{name}" for relation "{partition}" already exists')
        catalog.remove(own, clone.name)
        catalog.put(own, name, clone.oid)
        catalog.store(msgspec.structs.replace(clone, name=name))
        rename_clones(run, clone.oid, name)


# ALTER TABLE … ENABLE and DISABLE TRIGGER


def set_triggers_enabled(
    run: Run,
    relation: Relation,
    enabled: str,
    *,
    name: str | None = None,
    only: bool = False,
    internal: bool = False,
) -> None:
    """Set the state (O, D, R or A) of a table's trigger `name`, or of all its triggers.

    On a partitioned table the partitions' clones follow, unless `only`: the statement said ALTER TABLE ONLY.
    `internal`: the triggers that enforce constraints are meant, too, which only a superuser may switch.

    Raises:
        Refused: there is no such trigger, or it is the server's own.
    """
    catalog = run.catalog
    if internal and not run.session.is_superuser and _has_internal_triggers(run, relation):
        message = 'permission denied: "RI_ConstraintTrigger" is a system trigger'
        raise Refused(INSUFFICIENT_PRIVILEGE, message)
    if name is not None and name not in catalog.triggers_of.get(relation.oid, {}):
        message = f'trigger "{name}" for table "{relation.name}" does not exist'
        raise Refused(UNDEFINED_OBJECT, message)
    for trigger in catalog.triggers(relation.oid):
        if name is None or trigger.name == name:
            _set_enabled(run, trigger, enabled, only=only)


def _has_internal_triggers(run: Run, relation: Relation) -> bool:
    """Whether triggers of the server's own enforce a foreign key from or to the table, or a deferrable key of it."""
    catalog = run.catalog
    if any(c.type == "f" or (c.type in "pux" and c.deferrable) for c in catalog.constraints(relation.oid)):
        return True
    referencing = (catalog.objects.get(edge.oid) for edge in catalog.dependents.get(relation.oid, ()))
    return any(
        isinstance(one, Constraint) and one.type == "f" and one.ref_table == relation.oid
        for one in referencing
    )


def _set_enabled(run: Run, trigger: Trigger, enabled: str, *, only: bool) -> None:
    if trigger.enabled != enabled:
        changed = msgspec.structs.replace(trigger, enabled=enabled, enabled_because=run.origin())
        run.catalog.store(changed)
    if not only:
        for clone in clones_of(run, trigger.oid):
            _set_enabled(run, clone, enabled, only=False)


HANDLERS = {"CreateTrigStmt": create_trigger}
