"""Which statements can fail for reasons that no replay sees: rows, files of the server, objects of other owners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import only
from schemaguard.catalog.events import ExternalUsed
from schemaguard.plpgsql.interpreter.conditions import catches

if TYPE_CHECKING:
    from schemaguard.catalog.replay import Step
    from schemaguard.catalog.state import Catalog
    from schemaguard.plpgsql.language.tree import Handler
    from schemaguard.statements.statement import Node

_VIOLATIONS = ("23502", "23503", "23505", "23514", "23P01")
_ROWS = "whether the rows allow it is known only to the database"
_DATA_COMMANDS = frozenset(("InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "CopyStmt"))
_CHECKED = frozenset(
    ("CONSTR_CHECK", "CONSTR_UNIQUE", "CONSTR_PRIMARY", "CONSTR_EXCLUSION", "CONSTR_FOREIGN")
)


def doubt(step: Step, handler: Handler, catalog: Catalog) -> str:
    """Why a statement may raise an error that the handler catches, or "" where it may not."""
    if step.irrelevant or step.error is not None:
        return ""
    if step.opaque is not None:
        return f"a statement of the block is not understood ({step.opaque.reason})"
    for event in step.events:
        if isinstance(event, ExternalUsed) and _any(handler, ("42704", "42P01", "42883", "3F000")):
            return f"whether the {event.kind} `{event.name}` exists is not known"
    kind, node = step.statement.kind, step.statement.node
    if kind == "CreateExtensionStmt" and _any(handler, ("58P01", "0A000", "42501")):
        return f"whether the server has the extension `{node['extname']}` is not known"
    if kind in _DATA_COMMANDS and _any(handler, (*_VIOLATIONS, "22P02", "22003", "22001")):
        return _ROWS
    if _reads_rows(kind, node) and not _is_new(step, node, catalog) and _any(handler, _VIOLATIONS):
        return _ROWS
    return ""


def _any(handler: Handler, states: tuple[str, ...]) -> bool:
    return any(catches(handler, state) for state in states)


def _reads_rows(kind: str, node: Node) -> bool:
    """Whether a DDL statement checks the rows of a table."""
    if kind == "IndexStmt":
        return bool(node.get("unique"))
    if kind != "AlterTableStmt":
        return False
    return any(_command_reads_rows(only(item)[1]) for item in node.get("cmds") or ())


def _command_reads_rows(command: Node) -> bool:
    subtype = command.get("subtype")
    if subtype in ("AT_SetNotNull", "AT_AlterColumnType", "AT_ValidateConstraint"):
        return True
    if subtype == "AT_AddConstraint":
        constraint = command["def"]["Constraint"]
        return constraint["contype"] in _CHECKED and not constraint.get("skip_validation")
    return False


def _is_new(step: Step, node: Node, catalog: Catalog) -> bool:
    """Whether the table was made by the same migration, so that it has no rows but those put in there."""
    named = node.get("relation") or {}
    for oid in catalog.relations.values():
        record = catalog.objects[oid]
        if record.name == named.get("relname"):
            return record.because is not None and record.because.statement.migration == step.migration.name
    return False
