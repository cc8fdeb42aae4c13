"""Expressions of the catalog: defaults, checks, policies, index keys and predicates, trigger conditions.

`bind_expression` analyses one as the server does when it is written, and refuses what the server refuses. What it
gives refers to columns by number and to all else by oid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.analysis.bound import Bound, BoundQuery, bound_of
from schemaguard.catalog.analysis.environment import Environment
from schemaguard.catalog.analysis.literals.objects import REG_TYPES
from schemaguard.catalog.analysis.query_tree import Alias, Query, Rte
from schemaguard.catalog.analysis.references import references
from schemaguard.catalog.analysis.restrictions import check_restrictions
from schemaguard.catalog.analysis.transform.coercion import (
    coerce,
    coerce_to_boolean,
    coerce_to_target,
    strip_implicit,
)
from schemaguard.catalog.analysis.transform.expressions import transform
from schemaguard.catalog.analysis.transform.pathways import ASSIGNMENT, IMPLICIT, LAST_BUILTIN
from schemaguard.catalog.analysis.transform.scope import ParseState, TableItem
from schemaguard.catalog.analysis.tree import UNRESOLVED, CoerceToDomainValue, CollateExpr, Const, Expr, Var
from schemaguard.catalog.analysis.types import type_number
from schemaguard.catalog.analysis.walk import rebuilt
from schemaguard.catalog.builtin.types import BOOL, TEXT, UNKNOWN
from schemaguard.catalog.errors import DATATYPE_MISMATCH, Refused
from schemaguard.catalog.model import Expression
from schemaguard.catalog.state import Catalog

if TYPE_CHECKING:
    from schemaguard.catalog.model import Relation, TypeRef
    from schemaguard.catalog.session import Session
    from schemaguard.statements.statement import Node, Origin

_CONSTRUCTS = {
    "check": "CHECK",
    "domain": "CHECK",
    "policy": "POLICY",
    "predicate": "WHERE",
    "when": "WHEN",
    "rule": "WHERE",
    "publication": "PUBLICATION WHERE",
}
"""Contexts in which the expression is a condition, and what messages call them."""


def bind_expression(  # noqa: PLR0913 - each context has one thing to say of its own
    session: Session,
    node: Node,
    relation: Relation | None,
    because: Origin | None,
    *,
    context: str = "check",
    new_old: bool = False,
    target: TypeRef | None = None,
    value: TypeRef | None = None,
    name: str = "",
    unprefixed: str = "",
) -> Expression:
    """An expression as the catalog keeps it.

    `node` is ``{tag: fields}``. `context` is one of check, domain, default, generated, policy, index (a key),
    predicate (of an index), when, partition (a key), bound (a partition's), transform (USING of ALTER COLUMN TYPE),
    parameter (a function's default), rule (its WHERE), publication (a row filter), statistics.
    `target`: the type that a default or generated column must have; `value`: what VALUE is in a domain's CHECK (the
    base type); `name`: the column or domain that a default is of, for messages. With `new_old` the columns are those
    of OLD and NEW, and `unprefixed` is the one of them whose columns are found without its name; both where it is
    empty.

    Raises:
        Refused: the server would refuse the expression here.
    """
    key = _literal_key(session, node, target) if context == "default" and target is not None else None
    if key is not None and (known := _literal_defaults.get(key)) is not None:
        return Expression(node, (), because, known)
    state = ParseState(Environment(session), kind=context)
    items = _add_tables(state, relation, new_old=new_old, unprefixed=unprefixed)
    if value is not None:
        state.value = CoerceToDomainValue(type_number(value), value.typmod)
    tree = transform(state, node)
    construct = _CONSTRUCTS.get(context)
    if construct is not None:
        tree = coerce_to_boolean(state.environment, tree, construct)
    elif target is not None:
        if context == "generated":
            check_restrictions(state.environment, tree, context, relation)
        tree = _as_column(state.environment, tree, target, name, context)
    elif tree.type == UNKNOWN and context == "partition":
        tree = coerce(state.environment, tree, TEXT, -1, IMPLICIT, "implicit")
    if context in _RESTRICTED:
        check_restrictions(state.environment, tree, context, relation)
    used = {name: number for item in items for name, number in item.used.items()}
    bound = Bound(tree, relation.oid if relation is not None and key is None else 0, context, new_old)
    if key is not None:
        _literal_defaults[key] = bound
    return Expression(node, tuple(used.items()), because, bound)


_literal_defaults: dict[tuple[object, ...], Bound] = {}
"""Analysed defaults that are literals of built-in types, which mean the same in every table of every catalog."""


def _literal_key(session: Session, node: Node, target: TypeRef) -> tuple[object, ...] | None:
    """What a literal default is remembered by; None for what is none, or of a type of the history's own."""
    fields = node.get("A_Const")
    if fields is None or target.oid > LAST_BUILTIN or target.oid in REG_TYPES:
        return None
    for kind in ("sval", "ival", "boolval", "fval"):
        if kind in fields:
            value = tuple(fields[kind].values())
            return kind, value, target.oid, target.typmod, target.array, session.catalog.version
    return None


_RESTRICTED = {"check", "index", "predicate", "partition"}


def _add_tables(
    state: ParseState, relation: Relation | None, *, new_old: bool, unprefixed: str
) -> list[TableItem]:
    """Make the table's columns visible, once or as OLD and NEW."""
    if relation is None:
        return []
    items: list[TableItem] = []
    for name in ("old", "new") if new_old else (relation.name,):
        rte = Rte(
            kind="relation",
            name=relation.name,
            alias=Alias(name) if new_old else None,
            relation=relation.oid,
            relation_kind=relation.kind,
        )
        item = TableItem(state.add(rte), rte, relation)
        item.columns = unprefixed in ("", name)
        items.append(item)
    state.namespace += items
    return items


def _as_column(environment: Environment, tree: Expr, target: TypeRef, name: str, context: str) -> Expr:
    """The expression converted as an assignment to the column would convert it."""
    number = type_number(target)
    if tree.type == number and target.typmod == tree.typmod:
        return tree
    found = coerce_to_target(environment, tree, number, target.typmod, ASSIGNMENT, "implicit")
    if found is None and context == "parameter":
        wanted, given = environment.type_text(number), environment.type_text(tree.type)
        raise Refused(DATATYPE_MISMATCH, f"argument of DEFAULT must be type {wanted}, not type {given}")
    if found is None:
        raise Refused(
            DATATYPE_MISMATCH,
            f'column "{name}" is of type {environment.type_text(number)} but default expression is of type '
            f"{environment.type_text(tree.type)}",
            hint="You will need to rewrite or cast the expression.",
        )
    return found


def is_null(expression: Expression) -> bool:
    """Whether it is plain NULL: as a column's default the server keeps none."""
    tree = bound_of(expression).tree
    return isinstance(tree, Const) and tree.value is None


def is_true(expression: Expression) -> bool:
    """Whether it is plain true: as an index's predicate the server keeps none."""
    tree = bound_of(expression).tree
    return isinstance(tree, Const) and tree.type == BOOL and tree.value == "t"


def plain_column(expression: Expression) -> tuple[int, str] | None:
    """Column number and collation ("" for none) of an index key that is just a column, perhaps with COLLATE.

    The server keeps such a key as a column, not as an expression.
    """
    tree = bound_of(expression).tree
    collation = ""
    while isinstance(tree, CollateExpr):
        collation = collation or tree.collation
        tree = tree.arg
    if isinstance(tree, Var) and tree.attribute != 0 and tree.level == 0:
        return tree.attribute, collation
    return None


def retarget_default(session: Session, expression: Expression, target: TypeRef, name: str = "") -> Expression:
    """A column's default after ALTER COLUMN … TYPE: converted to the new type on top of what it was.

    Raises:
        Refused: it can't be converted.
    """
    environment = Environment(session)
    bound = bound_of(expression)
    tree = strip_implicit(bound.tree)
    number = type_number(target)
    found = coerce_to_target(environment, tree, number, target.typmod, ASSIGNMENT, "implicit")
    if found is None:
        kind = "generation expression" if bound.context == "generated" else "default"
        raise Refused(
            DATATYPE_MISMATCH,
            f'{kind} for column "{name}" cannot be cast automatically to type {environment.type_text(number)}',
        )
    return msgspec.structs.replace(expression, bound=msgspec.structs.replace(bound, tree=found))


def rebind(session: Session, expression: Expression, relation: Relation) -> Expression:
    """The expression after ALTER COLUMN … TYPE of a column it uses: printed and read again, as the server does.

    Raises:
        Refused: with the new type it is not valid any more.
        Opaque: it can't be printed.
    """
    from schemaguard.catalog.analysis.deparse import expression_text
    from schemaguard.catalog.errors import Opaque
    from schemaguard.statements.fragments import parse_expression

    bound = bound_of(expression)
    text = expression_text(session.catalog, expression, relation)
    node = parse_expression(text)
    if node is None:
        raise Opaque(f"the expression {text} can't be read again")
    return bind_expression(
        session, node, relation, expression.because, context=bound.context, new_old=bound.new_old
    )


def for_child(catalog: Catalog, expression: Expression, parent: Relation, child: Relation) -> Expression:
    """A parent table's expression as its child or copy has it: the columns of the same names.

    For inheritance, partitions and LIKE. The parent is as it is now.
    """
    del catalog
    bound = bound_of(expression)
    numbers = {
        column.number: other.number
        for column in parent.columns
        if (other := child.column(column.name)) is not None
    }

    def change(node: object, level: int) -> object:
        if isinstance(node, Var) and node.level == level and node.attribute > 0:
            return msgspec.structs.replace(node, attribute=numbers.get(node.attribute, node.attribute))
        return None

    tree = rebuilt(bound.tree, change)
    columns = tuple((name, numbers.get(number, number)) for name, number in expression.columns)
    changed = msgspec.structs.replace(bound, tree=tree, relation=child.oid)
    return msgspec.structs.replace(expression, columns=columns, bound=changed)


def dependencies(
    session_or_catalog: Session | Catalog, expression: Expression, relation: Relation | None = None
) -> list[tuple[int, int]]:
    """What an expression (or a query) depends on beside its own table: (oid, column number or 0), each once.

    User-defined functions, types, sequences in ``nextval('…')``, tables and columns of sub-selects, extensions.
    Built-in objects are left out.
    """
    catalog = session_or_catalog if isinstance(session_or_catalog, Catalog) else session_or_catalog.catalog
    bound = expression.bound
    if isinstance(bound, BoundQuery):
        return references(catalog, bound.query)
    if not isinstance(bound, Bound):
        return []
    own = relation.oid if relation is not None else bound.relation
    return [(oid, sub) for oid, sub in references(catalog, bound.tree) if oid != own]


def is_unresolved(expression: Expression) -> str:
    """Why something about the expression can't be known; "" where all is."""
    from schemaguard.catalog.analysis.tree import Unresolved
    from schemaguard.catalog.analysis.walk import nodes

    bound = expression.bound
    tree = bound.query if isinstance(bound, BoundQuery) else bound_of(expression).tree
    for found in nodes(tree):
        if isinstance(found, Unresolved):
            return found.reason
        if isinstance(found, Expr) and found.type == UNRESOLVED and not isinstance(found, Query):
            return "the type of a part is not known"
    return ""


def same_expression(left: Expression, right: Expression) -> bool:
    """Whether two expressions about tables with the same column numbers mean the same."""
    return bound_of(left).tree == bound_of(right).tree
