"""COMMENT ON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.drop import RELATION_KINDS, find_object, range_var, require_ownership
from schemaguard.catalog.commands.nodes import only, string, strings
from schemaguard.catalog.commands.not_null import not_null_named
from schemaguard.catalog.errors import (
    INSUFFICIENT_PRIVILEGE,
    UNDEFINED_COLUMN,
    UNDEFINED_OBJECT,
    WRONG_OBJECT_TYPE,
    Refused,
)
from schemaguard.catalog.model import Comment, Table, Type

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node


NOT_NULL_COMMENTS = -1_000_000
"""A NOT NULL has no oid of its own: its comment is kept by its table and this less the column's number."""


BUILTIN_COMMENTS = {"OBJECT_EXTENSION": 13_000, "OBJECT_LANGUAGE": 13_001}
"""Where the comments on what every database has, PL/pgSQL, are kept; none of the objects has a record."""


def comment(run: Run, node: Node) -> None:
    """COMMENT ON … IS 'text' or NULL; the empty string removes it, too."""
    kind = node["objtype"]
    if kind in ("OBJECT_DATABASE", "OBJECT_TABLESPACE", "OBJECT_LARGEOBJECT"):
        return
    oid, sub = _target(run, kind, node["object"])
    text = node.get("comment")
    if text:
        run.catalog.put(run.catalog.comments, (oid, sub), Comment(text, run.origin()))
    else:
        run.catalog.remove(run.catalog.comments, (oid, sub))


def _target(run: Run, kind: str, item: Node) -> tuple[int, int]:
    match kind:
        case "OBJECT_COLUMN":
            return _column(run, strings(item["List"]["items"]))
        case "OBJECT_TABCONSTRAINT":
            return _table_constraint(run, strings(item["List"]["items"]))
        case "OBJECT_DOMCONSTRAINT":
            return _domain_constraint(run, item)
        case "OBJECT_ROLE":
            role = run.catalog.roles.get(string(item))
            if role is None:
                raise Refused(UNDEFINED_OBJECT, f'role "{string(item)}" does not exist')
            return role, 0
        case "OBJECT_TYPE" | "OBJECT_DOMAIN":
            tag, fields = only(item)
            names = strings(fields["items"] if tag == "List" else fields["names"])
            item = {"TypeName": {"names": [{"String": {"sval": name}} for name in names]}}
        case "OBJECT_EXTENSION" | "OBJECT_LANGUAGE" if string(item) == "plpgsql":
            return BUILTIN_COMMENTS[kind], 0
        case _ if kind in RELATION_KINDS:
            # The relation is looked for first, and then what it is.
            run.session.relation(range_var(strings(item["List"]["items"])))
    target = find_object(run, kind, item)
    if target is None:
        raise Refused(UNDEFINED_OBJECT, "the object does not exist")
    require_ownership(run, target[0])
    return target


def _column(run: Run, names: list[str]) -> tuple[int, int]:
    *table, name = names
    relation = run.session.relation(range_var(table))
    if not run.session.owns(relation.owner):
        raise Refused(INSUFFICIENT_PRIVILEGE, f"must be owner of relation {relation.name}")
    if relation.kind not in "rpvmfc":
        raise Refused(WRONG_OBJECT_TYPE, f'cannot set comment on relation "{relation.name}"')
    column = relation.column(name)
    if column is None:
        raise Refused(UNDEFINED_COLUMN, f'column "{name}" of relation "{relation.name}" does not exist')
    return relation.oid, column.number


def _table_constraint(run: Run, names: list[str]) -> tuple[int, int]:
    *table, name = names
    relation = run.session.relation(range_var(table))
    if not run.session.owns(relation.owner):
        raise Refused(INSUFFICIENT_PRIVILEGE, f"must be owner of relation {relation.name}")
    oid = run.catalog.constraints_of.get(relation.oid, {}).get(name)
    if isinstance(relation, Table) and (column := not_null_named(run.catalog, relation, name)) is not None:
        return relation.oid, NOT_NULL_COMMENTS - column.number
    if oid is None:
        raise Refused(UNDEFINED_OBJECT, f'constraint "{name}" for table "{relation.name}" does not exist')
    return oid, 0


def _domain_constraint(run: Run, item: Node) -> tuple[int, int]:
    type_name, name = item["List"]["items"]
    names = strings(type_name["TypeName"]["names"])
    oid = next(run.session.names_in_path(run.catalog.types, names), None)
    if oid is None:
        raise Refused(UNDEFINED_OBJECT, f'type "{".".join(names)}" does not exist')
    constraint = run.catalog.constraints_of.get(oid, {}).get(string(name))
    if constraint is None:
        domain = run.catalog.get(oid, Type).name
        raise Refused(UNDEFINED_OBJECT, f'constraint "{string(name)}" for domain {domain} does not exist')
    return constraint, 0


HANDLERS = {"CommentStmt": comment}
