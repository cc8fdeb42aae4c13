"""CREATE RULE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import only
from schemaguard.catalog.errors import (
    DUPLICATE_OBJECT,
    FEATURE_NOT_SUPPORTED,
    INSUFFICIENT_PRIVILEGE,
    INVALID_OBJECT_DEFINITION,
    UNDEFINED_TABLE,
    WRONG_OBJECT_TYPE,
    Opaque,
    Refused,
)
from schemaguard.catalog.model import FIRST_USER_OID, Relation, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Expression
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

EVENTS = {"CMD_SELECT": "select", "CMD_UPDATE": "update", "CMD_INSERT": "insert", "CMD_DELETE": "delete"}
_WRITING = {"InsertStmt": "insert", "UpdateStmt": "update", "DeleteStmt": "delete"}
_SELECT_RULES_ON_TABLES_UNTIL = 15


def create_rule(run: Run, node: Node) -> None:
    """CREATE [OR REPLACE] RULE; opaque ON SELECT, which makes a view of a table."""
    catalog = run.catalog
    relation: Relation = run.session.relation(node["relation"])
    if relation.kind == "m":
        raise Refused(FEATURE_NOT_SUPPORTED, "rules on materialized views are not supported")
    event, name = EVENTS[node["event"]], node["rulename"]
    actions = tuple(node.get("actions") or ())
    if "whereClause" in node and any(only(action)[0] == "NotifyStmt" for action in actions):
        message = "rules with WHERE conditions can only have SELECT, INSERT, UPDATE, or DELETE actions"
        raise Refused(INVALID_OBJECT_DEFINITION, message)
    _check_references(node, event)
    when = _condition(run, node, relation, event)
    reads = _analyse_actions(run, relation, actions)
    _check_relation(run, relation)
    if event == "select":
        _refuse_select_rule(run, relation, node, actions)
    elif name == "_RETURN":
        message = f'non-view rule for "{relation.name}" must not be named "_RETURN"'
        raise Refused(INVALID_OBJECT_DEFINITION, message)
    _check_returning(node, actions)
    known = catalog.rules_of.get(relation.oid, {}).get(name)
    if known is not None and not node.get("replace"):
        message = f'rule "{name}" for relation "{relation.name}" already exists'
        raise Refused(DUPLICATE_OBJECT, message)
    rule = Rule(
        oid=known or catalog.new_oid(),
        name=name,
        table=relation.oid,
        event=event,
        instead=bool(node.get("instead")),
        actions=actions,
        when=when,
        because=run.origin(),
    )
    if known is not None:
        catalog.forget_dependencies(known)
    catalog.put_in(catalog.rules_of, relation.oid, name, rule.oid)
    catalog.store(rule)
    _depend(run, rule, relation, reads)


def _condition(run: Run, node: Node, relation: Relation, event: str) -> Expression | None:
    from schemaguard.catalog.analysis.binding import bind_expression

    if "whereClause" not in node:
        return None
    return bind_expression(
        run.session,
        node["whereClause"],
        relation,
        run.origin(),
        context="rule",
        new_old=True,
        unprefixed={"insert": "new", "delete": "old"}.get(event, ""),
    )


def _check_relation(run: Run, relation: Relation) -> None:
    if relation.kind not in "rmvp":
        words = {
            "f": "foreign tables",
            "S": "sequences",
            "i": "indexes",
            "I": "partitioned indexes",
            "c": "composite types",
        }
        detail = f"This operation is not supported for {words[relation.kind]}."
        message = f'relation "{relation.name}" cannot have rules'
        raise Refused(WRONG_OBJECT_TYPE, message, detail=detail)
    if relation.oid < FIRST_USER_OID:
        message = f'permission denied: "{relation.name}" is a system catalog'
        raise Refused(INSUFFICIENT_PRIVILEGE, message)
    run.session.require_owner(relation)


def _refuse_select_rule(run: Run, relation: Relation, node: Node, actions: tuple[Node, ...]) -> None:
    """ON SELECT rules are what views are made of; nothing else can have one (before 16 they made views)."""
    if relation.kind not in "vm" and run.catalog.version > _SELECT_RULES_ON_TABLES_UNTIL:
        detail = "This operation is not supported for tables." if relation.kind == "r" else ""
        raise Refused(
            WRONG_OBJECT_TYPE, f'relation "{relation.name}" cannot have ON SELECT rules', detail=detail
        )
    if not actions:
        raise Refused(
            FEATURE_NOT_SUPPORTED,
            "INSTEAD NOTHING rules on SELECT are not implemented",
            hint="Use views instead.",
        )
    if len(actions) > 1:
        raise Refused(FEATURE_NOT_SUPPORTED, "multiple actions for rules on SELECT are not implemented")
    if only(actions[0])[0] != "SelectStmt" or not node.get("instead"):
        raise Refused(FEATURE_NOT_SUPPORTED, "rules on SELECT must have action INSTEAD SELECT")
    if "whereClause" in node:
        raise Refused(FEATURE_NOT_SUPPORTED, "event qualifications are not implemented for rules on SELECT")
    if relation.kind == "v" and not node.get("replace"):
        message = f'"{relation.name}" is already a view'
        raise Refused("55000", message)
    if relation.kind != "v":
        raise Opaque("an ON SELECT rule turns a table into a view")
    raise Opaque("an ON SELECT rule gives a view another query")


def _check_references(node: Node, event: str) -> None:
    """Refuse OLD in a rule for INSERT and NEW in one for DELETE."""
    missing = {"insert": {"old"}, "delete": {"new"}}.get(event, set())
    for row in missing & set(_rows_used(node.get("whereClause"))):
        message = f'invalid reference to FROM-clause entry for table "{row}"'
        raise Refused(UNDEFINED_TABLE, message)
    used = set(_rows_used(node.get("actions")))
    if event == "insert" and "old" in used:
        raise Refused(INVALID_OBJECT_DEFINITION, "ON INSERT rule cannot use OLD")
    if event == "delete" and "new" in used:
        raise Refused(INVALID_OBJECT_DEFINITION, "ON DELETE rule cannot use NEW")
    if event == "select" and used:
        raise Refused(INVALID_OBJECT_DEFINITION, f"ON SELECT rule cannot use {max(used).upper()}")


def _rows_used(node: Any) -> Iterator[str]:  # noqa: ANN401 - a parse tree
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            fields = item.get("fields")
            if fields and (name := fields[0].get("String", {}).get("sval")) in ("old", "new"):
                yield name
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def _check_returning(node: Node, actions: tuple[Node, ...]) -> None:
    """A rule may return rows from one action only, if it is unconditional and replaces the command."""
    returning = [action for action in actions if _returns(only(action)[1])]
    if not returning:
        return
    if len(returning) > 1:
        raise Refused(FEATURE_NOT_SUPPORTED, "cannot have multiple RETURNING lists in a rule")
    if "whereClause" in node:
        raise Refused(FEATURE_NOT_SUPPORTED, "RETURNING lists are not supported in conditional rules")
    if not node.get("instead"):
        raise Refused(FEATURE_NOT_SUPPORTED, "RETURNING lists are not supported in non-INSTEAD rules")


def _returns(fields: Node) -> bool:
    return "returningList" in fields or "returningClause" in fields


def _analyse_actions(run: Run, relation: Relation, actions: tuple[Node, ...]) -> set[tuple[int, int]]:
    """What the actions use; OLD and NEW in them are rows of the rule's relation."""
    from schemaguard.catalog.analysis.statements import analyse_statement

    found: set[tuple[int, int]] = set()
    for action in actions:
        tag, fields = only(action)
        if tag == "NotifyStmt":
            continue
        if tag in _WRITING and "relation" in fields and "schemaname" not in fields["relation"]:
            target = fields["relation"]["relname"]
            if target == "old":
                raise Refused(FEATURE_NOT_SUPPORTED, "rule actions on OLD are not implemented", hint=_HINT)
            if target == "new":
                raise Refused(FEATURE_NOT_SUPPORTED, "rule actions on NEW are not implemented", hint=_HINT)
        found |= analyse_statement(run.session, action, old_new=relation).depends
    return found


_HINT = "Use triggers instead."


def _depend(run: Run, rule: Rule, relation: Relation, used: set[tuple[int, int]]) -> None:
    """A rule goes with its relation; what its condition and actions use can't go without it."""
    from schemaguard.catalog.analysis.binding import dependencies

    catalog = run.catalog
    catalog.depend(rule.oid, relation.oid, "a")
    if rule.when is not None:
        for _name, number in rule.when.columns:
            catalog.depend(rule.oid, relation.oid, on_sub=number)
        used = used | set(dependencies(run.session, rule.when, relation))
    for oid, sub in used:
        if oid != relation.oid or sub:
            catalog.depend(rule.oid, oid, on_sub=sub)


HANDLERS = {"RuleStmt": create_rule}
