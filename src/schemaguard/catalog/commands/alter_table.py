"""ALTER TABLE, VIEW, INDEX, SEQUENCE …: the order of its actions, and those that concern the relation as a whole."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands import alter_column, alter_inheritance
from schemaguard.catalog.commands.alter_constraint import (
    add_table_constraint,
    alter_constraint,
    drop_constraint,
    validate_constraint,
)
from schemaguard.catalog.commands.alter_targets import refuse_wrong_target
from schemaguard.catalog.commands.column_type import prepare_alter_type, read_again
from schemaguard.catalog.commands.index_copies import attach_index_partition
from schemaguard.catalog.commands.storage_parameters import storage_options, table_options
from schemaguard.catalog.commands.view_options import view_options
from schemaguard.catalog.errors import (
    DATATYPE_MISMATCH,
    UNDEFINED_OBJECT,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.events import OptionsReset
from schemaguard.catalog.model import Index, Relation, Table, Type, View
from schemaguard.catalog.relations import current

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

    Action = Callable[[Run, Relation, Node], None]

OBJECT_WORDS = {
    "OBJECT_TABLE": ("rp", "a table"),
    "OBJECT_VIEW": ("v", "a view"),
    "OBJECT_MATVIEW": ("m", "a materialized view"),
    "OBJECT_SEQUENCE": ("S", "a sequence"),
    "OBJECT_INDEX": ("iI", "an index"),
    "OBJECT_FOREIGN_TABLE": ("f", "a foreign table"),
}


def alter(run: Run, node: Node) -> None:
    """ALTER TABLE and what shares its grammar; actions run in the server's passes, not as written."""
    if node.get("objtype") == "OBJECT_TYPE":
        from schemaguard.catalog.commands.types import alter_composite

        alter_composite(run, node)
        return
    relation = run.session.find_relation(node["relation"])
    if relation is None:
        if node.get("missing_ok"):
            return
        relation = run.session.relation(node["relation"])
    run.session.require_owner(relation)
    _refuse_wrong_kind(relation, node.get("objtype", "OBJECT_TABLE"))
    only = not node["relation"].get("inh")
    commands = [item["AlterTableCmd"] for item in node["cmds"]]
    for command in commands:
        refuse_wrong_target(relation, command["subtype"])
        if command["subtype"] == "AT_AlterColumnType":
            prepare_alter_type(run, relation, {**command, "_only": True} if only else command)
    retyped = {command["name"] for command in commands if command["subtype"] == "AT_AlterColumnType"}
    for command in sorted(commands, key=_pass):
        if retyped and _pass(command) > PASSES["AT_AlterColumnType"]:
            read_again(run, relation, retyped)
            retyped = set()
        subtype = command["subtype"]
        action = ACTIONS.get(subtype)
        if action is None:
            if subtype in IGNORED:
                continue
            raise Refused("0A000", f"ALTER TABLE action {subtype} is not supported")
        action(run, current(run.catalog, relation), {**command, "_only": True} if only else command)
    if retyped:
        read_again(run, relation, retyped)


def _refuse_wrong_kind(relation: Relation, objtype: str) -> None:
    kinds, words = OBJECT_WORDS.get(objtype, ("", ""))
    if not kinds or relation.kind in kinds or objtype == "OBJECT_TABLE":
        if objtype == "OBJECT_TABLE" and relation.kind == "c":
            raise Refused(WRONG_OBJECT_TYPE, f'"{relation.name}" is a composite type')
        return
    raise Refused(WRONG_OBJECT_TYPE, f'"{relation.name}" is not {words}')


PASSES = {
    "AT_DropNotNull": 0, "AT_DropColumn": 0, "AT_DropConstraint": 0, "AT_DropExpression": 0, "AT_DropIdentity": 0,
    "AT_AlterColumnType": 1,
    "AT_AddColumn": 4,
    "AT_SetExpression": 5,
    "AT_SetNotNull": 7,
    "AT_AddIdentity": 10,
}  # fmt: skip
MISC = 12


def _pass(command: Node) -> int:
    """The pass of `ATPrepCmd` that an action runs in; actions of one pass keep their order."""
    subtype = command["subtype"]
    if subtype == "AT_ColumnDefault":
        return 10 if "def" in command else 0
    if subtype == "AT_AddConstraint":
        contype = command["def"]["Constraint"]["contype"]
        return {"CONSTR_FOREIGN": 10, "CONSTR_CHECK": 10, "CONSTR_NOTNULL": 7}.get(contype, 8)
    return PASSES.get(subtype, MISC)


# Row security


def _row_security(*, enabled: bool) -> Action:
    def action(run: Run, relation: Relation, _command: Node) -> None:
        table = run.catalog.get(relation.oid, Table)
        run.catalog.store(
            msgspec.structs.replace(table, row_security=enabled, row_security_because=run.origin())
        )

    return action


def _force(*, forced: bool) -> Action:
    def action(run: Run, relation: Relation, _command: Node) -> None:
        table = run.catalog.get(relation.oid, Table)
        run.catalog.store(
            msgspec.structs.replace(table, force_row_security=forced, force_because=run.origin())
        )

    return action


# Triggers and rules


def _triggers(letter: str, *, every: str = "") -> Action:
    def action(run: Run, relation: Relation, command: Node) -> None:
        from schemaguard.catalog.commands.triggers import set_triggers_enabled

        name = None if every else command["name"]
        only = bool(command.get("_only"))
        set_triggers_enabled(run, relation, letter, name=name, only=only, internal=every == "all")

    return action


def _rule(letter: str) -> Action:
    def action(run: Run, relation: Relation, command: Node) -> None:
        for rule in run.catalog.rules(relation.oid):
            if rule.name == command["name"]:
                run.catalog.store(msgspec.structs.replace(rule, enabled=letter))
                return
        raise Refused(
            UNDEFINED_OBJECT, f'rule "{command["name"]}" for relation "{relation.name}" does not exist'
        )

    return action


# Ownership, options, persistence


def _change_owner(run: Run, relation: Relation, command: Node) -> None:
    from schemaguard.catalog.commands.move import change_relation_owner
    from schemaguard.catalog.privileges.rolespec import resolve_role

    change_relation_owner(run, relation, resolve_role(run, command["newowner"]))


def _set_options(run: Run, relation: Relation, command: Node) -> None:
    nodes = command["def"]["List"]["items"]
    if relation.kind == "v":
        given = dict(view_options(nodes, run.catalog.version))
    elif relation.kind in "rpm":
        given = dict(table_options(run.catalog, nodes, relation.kind))
    else:
        given = dict(storage_options(nodes))
    _store_options(run, relation, {**dict(relation.options), **given})


def _reset_options(run: Run, relation: Relation, command: Node) -> None:
    names = dict(storage_options(command["def"]["List"]["items"]))
    for name, value in relation.options:
        if name in names and name == "security_invoker":
            run.event(OptionsReset(because=run.origin(), object=relation.oid, option=name, old=value))
    _store_options(run, relation, {name: value for name, value in relation.options if name not in names})


def _store_options(run: Run, relation: Relation, options: dict[str, str]) -> None:
    changed = msgspec.structs.replace(relation, options=tuple(options.items()))
    if isinstance(changed, View):
        changed = msgspec.structs.replace(
            changed, options_because=run.origin(), check_option=options.get("check_option", "")
        )
    run.catalog.store(changed)


def _persistence(letter: str) -> Action:
    def action(run: Run, relation: Relation, _command: Node) -> None:
        run.catalog.store(msgspec.structs.replace(relation, persistence=letter))
        for index in run.catalog.indexes(relation.oid):
            run.catalog.store(msgspec.structs.replace(index, persistence=letter))

    return action


def _replica_identity(run: Run, relation: Relation, command: Node) -> None:
    kind = command["def"]["ReplicaIdentityStmt"].get("identity_type", "d")
    if isinstance(relation, Table):  # of a materialized view nothing more is known
        run.catalog.store(msgspec.structs.replace(relation, replica_identity=kind))


# Inheritance, partitions, typed tables


def _attach(run: Run, relation: Relation, command: Node) -> None:
    fields = command["def"]["PartitionCmd"]
    if isinstance(relation, Index):
        attach_index_partition(run, relation, fields["name"])
        return
    alter_inheritance.attach_partition(run, run.catalog.get(relation.oid, Table), fields)


def _detach(run: Run, relation: Relation, command: Node) -> None:
    alter_inheritance.detach(
        run, run.catalog.get(relation.oid, Table), command["def"]["PartitionCmd"]["name"]
    )


def _inherit(run: Run, relation: Relation, command: Node) -> None:
    alter_inheritance.add_inheritance(run, run.catalog.get(relation.oid, Table), command["def"]["RangeVar"])


def _no_inherit(run: Run, relation: Relation, command: Node) -> None:
    alter_inheritance.remove_inheritance(
        run, run.catalog.get(relation.oid, Table), command["def"]["RangeVar"]
    )


def _set_of_type(run: Run, relation: Relation, command: Node) -> None:
    from schemaguard.catalog.analysis.types import resolve_type

    table = run.catalog.get(relation.oid, Table)
    ref = resolve_type(run.session, command["def"]["TypeName"])
    composite = run.catalog.get(run.catalog.get(ref.oid, Type).relation, Relation)
    for mine, theirs in zip_longest(table.columns, composite.columns):
        if theirs is None:
            raise Refused(DATATYPE_MISMATCH, f'table has extra column "{mine.name}"')
        if mine is None:
            raise Refused(DATATYPE_MISMATCH, f'table is missing column "{theirs.name}"')
        if mine.name != theirs.name:
            message = f'table has column "{mine.name}" where type requires "{theirs.name}"'
            raise Refused(DATATYPE_MISMATCH, message)
        if mine.type != theirs.type:
            message = f'table "{table.name}" has different type for column "{mine.name}"'
            raise Refused(DATATYPE_MISMATCH, message)
    run.catalog.store(msgspec.structs.replace(table, of_type=ref.oid))
    run.catalog.depend(table.oid, ref.oid)


def _unset_of_type(run: Run, relation: Relation, _command: Node) -> None:
    table = run.catalog.get(relation.oid, Table)
    if not table.of_type:
        raise Refused(WRONG_OBJECT_TYPE, f'"{table.name}" is not a typed table')
    run.catalog.store(msgspec.structs.replace(table, of_type=0))
    for on, edge in list(run.catalog.references.get(table.oid, ())):
        if on == table.of_type and edge.sub == 0:
            run.catalog.remove(run.catalog.dependents.get(on, {}), edge)
            run.catalog.remove(run.catalog.references[table.oid], (on, edge))


def _constraint_named(run: Run, relation: Relation, command: Node) -> None:
    """CLUSTER ON needs the index to be there."""
    name = command["name"]
    if name not in run.catalog.indexes_of.get(relation.oid, {}):
        raise Refused(UNDEFINED_OBJECT, f'index "{name}" for table "{relation.name}" does not exist')


def _drop(run: Run, relation: Relation, command: Node) -> None:
    drop_constraint(run, run.catalog.get(relation.oid, Table), command)


ACTIONS: dict[str, Action] = {
    "AT_EnableRowSecurity": _row_security(enabled=True),
    "AT_DisableRowSecurity": _row_security(enabled=False),
    "AT_ForceRowSecurity": _force(forced=True),
    "AT_NoForceRowSecurity": _force(forced=False),
    "AT_EnableTrig": _triggers("O"),
    "AT_EnableAlwaysTrig": _triggers("A"),
    "AT_EnableReplicaTrig": _triggers("R"),
    "AT_DisableTrig": _triggers("D"),
    "AT_EnableTrigAll": _triggers("O", every="all"),
    "AT_DisableTrigAll": _triggers("D", every="all"),
    "AT_EnableTrigUser": _triggers("O", every="user"),
    "AT_DisableTrigUser": _triggers("D", every="user"),
    "AT_EnableRule": _rule("O"),
    "AT_EnableAlwaysRule": _rule("A"),
    "AT_EnableReplicaRule": _rule("R"),
    "AT_DisableRule": _rule("D"),
    "AT_ChangeOwner": _change_owner,
    "AT_SetRelOptions": _set_options,
    "AT_ResetRelOptions": _reset_options,
    "AT_SetLogged": _persistence("p"),
    "AT_SetUnLogged": _persistence("u"),
    "AT_ReplicaIdentity": _replica_identity,
    "AT_AttachPartition": _attach,
    "AT_DetachPartition": _detach,
    "AT_AddInherit": _inherit,
    "AT_DropInherit": _no_inherit,
    "AT_AddOf": _set_of_type,
    "AT_DropOf": _unset_of_type,
    "AT_ClusterOn": _constraint_named,
    "AT_AddConstraint": add_table_constraint,
    "AT_DropConstraint": _drop,
    "AT_ValidateConstraint": validate_constraint,
    "AT_AlterConstraint": alter_constraint,
    **alter_column.ACTIONS,
}
IGNORED = frozenset(
    (
        "AT_DropCluster", "AT_SetAccessMethod", "AT_SetTableSpace", "AT_DropOids", "AT_SetStatistics", "AT_SetOptions",
        "AT_ResetOptions", "AT_SetStorage", "AT_SetCompression", "AT_GenericOptions", "AT_AlterColumnGenericOptions",
        "AT_DetachPartitionFinalize",
    )
)  # fmt: skip
"""Actions on storage, statistics and foreign options: nothing that the model keeps."""

HANDLERS = {"AlterTableStmt": alter}
IRRELEVANT = {"AlterTableMoveAllStmt": "moves storage between tablespaces"}
