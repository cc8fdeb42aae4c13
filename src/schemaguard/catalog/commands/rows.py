"""Statements that read or change rows: what they touch, and the literal rows they leave in lookup tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.analysis.relations import require_relation
from schemaguard.catalog.commands import sequence_values
from schemaguard.catalog.commands.nodes import constant, only, strings
from schemaguard.catalog.errors import SYNTAX_ERROR, UNDEFINED_COLUMN, WRONG_OBJECT_TYPE, Opaque, Refused
from schemaguard.catalog.events import RowsChanged
from schemaguard.catalog.model import Relation, Table
from schemaguard.catalog.privileges.reading import require_privilege
from schemaguard.catalog.seeds import delete_rows, doubt, emptied, insert_rows, update_rows
from schemaguard.catalog.state import INFORMATION_SCHEMA, PG_CATALOG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node


def insert(run: Run, node: Node) -> None:
    """INSERT."""
    _nested_changes(run, node)
    relation = _writable(run, node)
    names = [item["ResTarget"]["name"] for item in node.get("cols") or ()]
    numbers = tuple(_require_column(relation, name) for name in names)
    if names or "selectStmt" in node:  # for DEFAULT VALUES a privilege on any column will do
        require_privilege(run, relation, "INSERT", numbers)
    literal = insert_rows(run, relation, node)
    _changed(run, relation, "insert", literal=literal)
    if (node.get("onConflictClause") or {}).get("action") == "ONCONFLICT_UPDATE":
        _changed(run, relation, "update")


def update(run: Run, node: Node) -> None:
    """UPDATE."""
    _nested_changes(run, node)
    relation = _writable(run, node)
    targets = [item["ResTarget"] for item in node.get("targetList") or ()]
    numbers = tuple(_require_column(relation, target["name"]) for target in targets)
    require_privilege(run, relation, "UPDATE", numbers)
    update_rows(run, relation, node)
    _changed(run, relation, "update", columns=tuple(sorted(set(numbers))))


def delete(run: Run, node: Node) -> None:
    """DELETE."""
    _nested_changes(run, node)
    relation = _writable(run, node)
    require_privilege(run, relation, "DELETE")
    delete_rows(run, relation, node)
    _changed(run, relation, "delete")


def merge(run: Run, node: Node) -> None:
    """MERGE: each kind of action it has counts."""
    _nested_changes(run, node)
    relation = _writable(run, node)
    actions = {
        clause["MergeWhenClause"].get("commandType", "") for clause in node.get("mergeWhenClauses") or ()
    }
    for command in ("insert", "update", "delete"):
        if f"CMD_{command.upper()}" in actions:
            require_privilege(run, relation, command.upper())
            _changed(run, relation, command)
    doubt(run.catalog, relation.oid, "rows are merged in", run.origin(), everything=True)


def truncate(run: Run, node: Node) -> None:
    """TRUNCATE; with CASCADE the tables that reference the named ones, too."""
    cascade = node.get("behavior") == "DROP_CASCADE"
    pending = [run.session.relation(item["RangeVar"]) for item in node["relations"]]
    seen: dict[int, Relation] = {}
    below: set[int] = set()
    """Partitions and children: who may truncate the parent may truncate them."""
    while pending:
        relation = pending.pop(0)
        if relation.oid in seen:
            continue
        if not isinstance(relation, Table):
            raise Refused(WRONG_OBJECT_TYPE, f'"{relation.name}" is not a table')
        if relation.oid not in below:
            require_privilege(run, relation, "TRUNCATE")
        seen[relation.oid] = relation
        children = run.catalog.children(relation.oid)
        below.update(child.oid for child in children)
        pending.extend(children)
        if cascade:
            pending.extend(_referencing(run, relation))
    for relation in seen.values():
        for other in _referencing(run, relation):
            if other.oid not in seen:
                raise Refused("0A000", "cannot truncate a table referenced in a foreign key constraint")
        emptied(run.catalog, relation)
        _changed(run, relation, "truncate")


def _referencing(run: Run, table: Relation) -> list[Table]:
    found = []
    for edge in run.catalog.dependents.get(table.oid, ()):
        record = run.catalog.objects.get(edge.oid)
        if getattr(record, "type", "") == "f" and getattr(record, "ref_table", 0) == table.oid:
            found.append(run.catalog.get(record.table, Table))  # type: ignore[union-attr]  # a Constraint, see above
    return [other for other in found if other.oid != table.oid]


def copy(run: Run, node: Node) -> None:
    """COPY … FROM changes rows; COPY … TO reads."""
    if node.get("relation") is None or not node.get("is_from"):
        return
    relation = run.session.relation(node["relation"])
    require_privilege(run, relation, "INSERT")
    doubt(run.catalog, relation.oid, "rows are copied in", run.origin())
    _changed(run, relation, "insert")


def select(run: Run, node: Node) -> None:
    """A SELECT at the top level: set_config, calls of functions, data-modifying WITH; SELECT INTO makes a table."""
    _nested_changes(run, node)
    if into := _into_clause(node):
        from schemaguard.catalog.commands.table_as import select_into

        select_into(run, node, into)
        return
    unknown: list[str] = []
    for call in function_calls(node):
        names = strings(call["funcname"])
        if names[-1] == "set_config" and names[:-1] in ([], ["pg_catalog"]):
            _set_config(run, call)
        elif names[-1] in sequence_values.FUNCTIONS and names[:-1] in ([], ["pg_catalog"]):
            sequence_values.called(run, call, names[-1])
        elif not _is_builtin(names):
            unknown.append(".".join(names))
    if unknown:
        reason = f"it calls {', '.join(f'`{name}`' for name in dict.fromkeys(unknown))}, whose effects are not known"
        raise Opaque(reason, remedy="")


def _is_builtin(names: list[str]) -> bool:
    from schemaguard.catalog.builtin.functions import is_builtin_function

    return (len(names) == 1 or names[0] in ("pg_catalog", "information_schema")) and is_builtin_function(
        names[-1]
    )


def _into_clause(node: Node) -> Node | None:
    while node.get("larg") is not None:
        if "intoClause" in node["rarg"]:
            raise Refused(SYNTAX_ERROR, "INTO is only allowed on first SELECT of UNION/INTERSECT/EXCEPT")
        node = node["larg"]
    return node.get("intoClause")


def _set_config(run: Run, call: Node) -> None:
    from schemaguard.catalog.commands.settings import set_config

    values = []
    for argument in call.get("args") or ():
        tag, fields = only(argument)
        while tag == "TypeCast":
            tag, fields = only(fields["arg"])
        if tag != "A_Const":
            reason = "the arguments of `set_config` are not literals"
            raise Opaque(reason)
        values.append(constant(fields))
    if len(values) == 3:
        set_config(
            run,
            str(values[0]),
            values[1],
            local=bool(values[2]) and str(values[2]).lower() not in ("f", "false"),
        )


def function_calls(node: Any) -> Iterator[Node]:  # noqa: ANN401 - a tree
    """The FuncCall fields anywhere in a tree, outermost first."""
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if "FuncCall" in item:
                yield item["FuncCall"]
            stack.extend(reversed(item.values()))
        elif isinstance(item, list):
            stack.extend(reversed(item))


def _nested_changes(run: Run, node: Node) -> None:
    """Data-modifying statements in WITH."""
    for item in (node.get("withClause") or {}).get("ctes") or ():
        kind, fields = only(item["CommonTableExpr"]["ctequery"])
        handler = HANDLERS.get(kind)
        if handler is not None and kind != "SelectStmt":
            handler(run, fields)


def _writable(run: Run, node: Node) -> Relation:
    relation = require_relation(run.session, node["relation"])
    if relation.schema in (PG_CATALOG, INFORMATION_SCHEMA):
        raise Opaque(f"it changes rows of the system relation {relation.name} itself")
    if relation.kind in "SiIcm":
        words = {"S": "change sequence", "m": "change materialized view"}.get(relation.kind, "open relation")
        raise Refused(WRONG_OBJECT_TYPE, f'cannot {words} "{relation.name}"')
    return relation


def _require_column(relation: Relation, name: str) -> int:
    """The number of a column, 0 where the columns of the relation are not known."""
    column = relation.column(name)
    if column is None and relation.columns:
        raise Refused(UNDEFINED_COLUMN, f'column "{name}" of relation "{relation.name}" does not exist')
    return 0 if column is None else column.number


def _changed(
    run: Run, relation: Relation, command: str, *, literal: bool = False, columns: tuple[int, ...] = ()
) -> None:
    if command == "insert":
        sequence_values.rows_added(run, relation)
    run.event(
        RowsChanged(
            because=run.origin(),
            relation=relation.oid,
            command=command,
            role=run.session.role,
            literal=literal,
            forced=_is_bound(run, relation),
            settings=tuple(
                sorted((name, value) for name, value in run.session.settings.items() if "." in name)
            ),
            columns=columns,
        )
    )


def _is_bound(run: Run, relation: Relation) -> bool:
    """Whether row security binds the role in force on this table now."""
    if not isinstance(relation, Table) or not relation.row_security:
        return False
    from schemaguard.catalog.model import Role

    role = run.catalog.get(run.session.role, Role)
    if role.superuser or role.bypassrls:
        return False
    return relation.force_row_security or not run.session.owns(relation.owner)


HANDLERS = {
    "InsertStmt": insert,
    "UpdateStmt": update,
    "DeleteStmt": delete,
    "MergeStmt": merge,
    "TruncateStmt": truncate,
    "CopyStmt": copy,
    "SelectStmt": select,
}
IRRELEVANT = {
    "VacuumStmt": "maintains storage and statistics",
    "ExplainStmt": "shows a plan",
    "CheckPointStmt": "flushes buffers",
    "DiscardStmt": "resets session caches",
    "ListenStmt": "concerns notifications",
    "NotifyStmt": "concerns notifications",
    "UnlistenStmt": "concerns notifications",
    "DeclareCursorStmt": "opens a cursor",
    "FetchStmt": "reads a cursor",
    "ClosePortalStmt": "closes a cursor",
    "PrepareStmt": "prepares a statement for this session only",
    "DeallocateStmt": "forgets a prepared statement",
    "LoadStmt": "loads a library into this session",
}
