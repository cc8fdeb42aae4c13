"""The FROM clause: relations, sub-selects, functions, WITH queries and joins."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.errors import UNDEFINED_COLUMN, UNDEFINED_TABLE, Refused
from schemaguard.catalog.model import Relation, View
from schemaguard.plpgsql.context import find_relation
from schemaguard.plpgsql.expressions.scope import Entry
from schemaguard.plpgsql.queries.conditions import conjuncts, tracked
from schemaguard.plpgsql.queries.planning import Condition, Group, Leaf, OuterJoin
from schemaguard.plpgsql.queries.relations.registry import system_entry
from schemaguard.plpgsql.values.kinds import Record, Unknown, Value
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from schemaguard.catalog.model import Function
    from schemaguard.plpgsql.expressions.scope import Env, Getter, Scope
    from schemaguard.plpgsql.queries.planning import Tree
    from schemaguard.statements.statement import Node


def build(nodes: list[Node], scope: Scope) -> Group:
    """The items of a FROM clause, each added to the scope."""
    return Group([_item(node, scope) for node in nodes], [])


def _item(node: Node, scope: Scope) -> Tree:
    tag, fields = only(node)
    reader = _READERS.get(tag)
    if reader is None:
        raise Unanswerable(f"{tag} in FROM is not evaluated here")
    return reader(fields, scope)


def _leaf(entry: Entry, scope: Scope, needs: frozenset[int] = frozenset()) -> Leaf:
    return Leaf(scope.add(entry), entry, needs)


def _alias(fields: Node, default: str) -> tuple[str, list[str]]:
    alias = fields.get("alias") or {}
    return alias.get("aliasname", default), strings(alias.get("colnames"))


def _renamed(columns: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Columns under the names of an alias's column list, as far as that goes."""
    return (
        dict(zip((*names, *list(columns)[len(names) :]), columns.values(), strict=False))
        if names
        else columns
    )


def _relation(fields: Node, scope: Scope) -> Tree:
    name, names = _alias(fields, fields["relname"])
    schema = fields.get("schemaname", "")
    if not schema and (cte := scope.cte(fields["relname"])) is not None:
        columns = {column: _item_at(at) for at, column in enumerate(cte.columns)}
        return _leaf(Entry(name, _renamed(columns, names), partial(cte.rows, scope)), scope)
    context = scope.context
    record = find_relation(context, [schema, fields["relname"]] if schema else [fields["relname"]])
    if record is None:
        shown = f"{schema}.{fields['relname']}" if schema else fields["relname"]
        raise Refused(
            UNDEFINED_TABLE, f'relation "{shown}" does not exist', offset=fields.get("location", -1)
        )
    entry = system_entry(context, record, name)
    if entry is None:
        entry = _user_relation(scope, record, name)
    entry.columns = _renamed(entry.columns, names)
    if names:
        entry.lookups = {}
    entry.schema = "" if "alias" in fields else context.catalog.schema_name(record.schema)
    return _leaf(entry, scope)


def _item_at(at: int) -> Callable[[tuple[Value, ...]], Value]:
    return lambda row: row[at]


def _user_relation(scope: Scope, record: Relation, name: str) -> Entry:
    """A table or view of the history: a view is evaluated, the rows of a table are not known."""
    if isinstance(record, View) and record.kind == "v" and record.query is not None:
        from schemaguard.plpgsql.expressions.scope import Scope as NewScope
        from schemaguard.plpgsql.queries.select import compile_query

        query = compile_query(_query_node(record.query.node), scope.context, NewScope(scope.context))
        columns = {column.name: _item_at(at) for at, column in enumerate(record.columns)}
        return Entry(name, columns, query.rows)
    shown = f"`{scope.context.catalog.qualified(record)}`"

    def rows(_env: Env) -> Iterable[Any]:
        raise Unanswerable(f"the rows of {shown} are known only to the database")

    value = Unknown(f"the rows of {shown} are known only to the database")
    known = {column.name: (lambda _row: value) for column in record.columns}
    unknown = "" if record.columns or not record.external else f"the columns of {shown} are not known"
    return Entry(name, known, rows, unknown=unknown)


def _query_node(node: Node) -> Node:
    return node if "SelectStmt" in node else {"SelectStmt": node}


def _subselect(fields: Node, scope: Scope) -> Tree:
    from schemaguard.plpgsql.queries.select import compile_query

    name, names = _alias(fields, "")
    outer, scope.used = scope.used, set()
    query = compile_query(fields["subquery"], scope.context, scope)
    needs, scope.used = frozenset(scope.used), outer
    columns = {column: _item_at(at) for at, column in enumerate(query.columns)}
    return _leaf(Entry(name, _renamed(columns, names), query.rows), scope, needs)


def _function(fields: Node, scope: Scope) -> Tree:
    """Functions in FROM, side by side with ROWS FROM, numbered WITH ORDINALITY."""
    parts: list[tuple[tuple[str, ...], Callable[[Env], Iterable[tuple[Value, ...]]]]] = []
    needs: frozenset[int] = frozenset()
    default = ""
    for item in fields["functions"]:
        call = item["List"]["items"][0]
        columns, rows, uses = _one_function(call, fields, scope)
        default = default or _function_name(call)
        needs |= uses
        parts.append((columns, rows))
    name, names = _alias(fields, default)
    listed = [column for each, _rows in parts for column in each]
    if len(listed) == 1 and "alias" in fields and listed[0] == default:
        listed = [name]
    if fields.get("ordinality"):
        listed.append("ordinality")
    getters = {column: _item_at(at) for at, column in enumerate(listed)}
    entry = Entry(name, _renamed(getters, names), lambda env: _side_by_side(parts, env))
    if len(listed) == 1:
        entry.lookups = {"": lambda _value: ()}
    return _leaf(entry, scope, needs)


def _function_name(call: Node) -> str:
    tag, fields = only(call)
    if tag == "FuncCall":
        return strings(fields["funcname"])[-1]
    return {"SQLValueFunction": "current_user", "CoalesceExpr": "coalesce"}.get(tag, "function")


def _side_by_side(parts: list[Any], env: Env) -> Iterable[tuple[Value, ...]]:
    lists = [list(rows(env)) for _columns, rows in parts]
    for at in range(max(map(len, lists))):
        row: list[Value] = []
        for (columns, _rows), found in zip(parts, lists, strict=True):
            row.extend(found[at] if at < len(found) else [None] * len(columns))
        yield (*row, at + 1)


def _one_function(
    call: Node, fields: Node, scope: Scope
) -> tuple[tuple[str, ...], Callable[[Env], Iterable[tuple[Value, ...]]], frozenset[int]]:
    from schemaguard.plpgsql.expressions.calls import user_routine
    from schemaguard.plpgsql.functions.registry import SETS

    tag, inner = only(call)
    name = _function_name(call)
    names = strings(inner["funcname"]) if tag == "FuncCall" else [name]
    found = SETS.get(name) if tag == "FuncCall" and user_routine(names, scope) is None else None
    if found is None:
        get, uses = tracked(call, scope)
        return _scalar_function(name, get, fields, scope, names, uses)
    arguments = [tracked(argument, scope) for argument in inner.get("args") or ()]
    uses = frozenset[int]().union(*(item for _get, item in arguments))
    width = len(arguments) if name == "unnest" else 1
    columns = found.columns or (name,) * width
    if len(columns) > 1 and not found.columns:
        columns = tuple(f"unnest_{at}" for at in range(width)) if width > 1 else columns
    context = scope.context

    def rows(env: Env) -> Iterable[tuple[Value, ...]]:
        values = [get(env) for get, _uses in arguments]
        for value in values:
            if isinstance(value, Unknown):
                raise Unanswerable(value.reason)
        if name == "generate_series" and None in values:
            return ()
        return found.run(context, *values)

    return columns, rows, uses


def _scalar_function(
    name: str, get: Getter, fields: Node, scope: Scope, names: list[str], uses: frozenset[int]
) -> tuple[tuple[str, ...], Callable[[Env], Iterable[tuple[Value, ...]]], frozenset[int]]:
    """A function that gives one value, or one of the history's that gives rows."""
    from schemaguard.plpgsql.context import functions_in_path

    listed = tuple(item["ColumnDef"]["colname"] for item in fields.get("coldeflist") or ())
    routines = functions_in_path(scope.context, names)
    outputs = tuple(item.name for item in routines[0].arguments if item.mode in "obt") if routines else ()
    fields_of_row = _fields_of_result(scope, routines)
    returns_set = bool(routines) and routines[0].returns_set
    columns = listed or outputs or fields_of_row or (name,)
    is_row = len(columns) > 1 or bool(fields_of_row)

    def rows(env: Env) -> Iterable[tuple[Value, ...]]:
        value = get(env)
        if isinstance(value, Unknown):
            raise Unanswerable(value.reason)
        found = value if returns_set and isinstance(value, list) else [value]
        for item in found:
            yield item.values if isinstance(item, Record) and is_row else (item,)

    return columns, rows, uses


def _fields_of_result(scope: Scope, routines: Sequence[Function]) -> tuple[str, ...]:
    """The columns of a function that returns rows of a table or composite type."""
    from schemaguard.catalog.analysis.type_info import row_columns
    from schemaguard.catalog.analysis.types import type_number

    returns = routines[0].returns if routines else None
    columns = None if returns is None else row_columns(scope.context.catalog, type_number(returns))
    return tuple(column.name for column in columns or ())


def _join(fields: Node, scope: Scope) -> Tree:
    left, right = _item(fields["larg"], scope), _item(fields["rarg"], scope)
    shared = strings(fields.get("usingClause"))
    if fields.get("isNatural"):
        shared = [name for name in _names(left, scope) if name in _names(right, scope)]
    kind = fields["jointype"]
    conditions = [_equality(name, left, right, scope, kind) for name in shared] or conjuncts(
        fields.get("quals"), scope
    )
    if kind == "JOIN_LEFT":
        return OuterJoin(left, right, conditions, full=False)
    if kind == "JOIN_RIGHT":
        return OuterJoin(right, left, conditions, full=False)
    if kind == "JOIN_FULL":
        return OuterJoin(left, right, conditions, full=True)
    return Group([left, right], conditions)


def _names(tree: Tree, scope: Scope) -> list[str]:
    return [name for at in sorted(tree.members) for name in scope.entries[at].columns]


def _equality(name: str, left: Tree, right: Tree, scope: Scope, kind: str) -> Condition:
    """The condition of USING on one column, which then stands for both."""
    from schemaguard.plpgsql.expressions.comparisons import strict
    from schemaguard.plpgsql.expressions.operators import equal
    from schemaguard.plpgsql.queries.planning import Key

    sides = []
    for tree in (left, right):
        owners = [at for at in sorted(tree.members) if name in scope.entries[at].columns]
        if not owners:
            word = "left" if tree is left else "right"
            message = f'column "{name}" specified in USING clause does not exist in {word} table'
            raise Refused(UNDEFINED_COLUMN, message)
        sides.append((owners[0], scope.column(owners[0], name)))
    (first, one), (second, other) = sides
    scope.merged[name] = (
        _either(one, other) if kind == "JOIN_FULL" else other if kind == "JOIN_RIGHT" else one
    )
    keys = (
        Key(first, name, other, frozenset((second,)), many=False),
        Key(second, name, one, frozenset((first,)), many=False),
    )
    return Condition(strict(equal, one, other, scope.context), frozenset((first, second)), keys)


def _either(one: Getter, other: Getter) -> Getter:
    def run(env: Env) -> Value:
        value = one(env)
        return other(env) if value is None else value

    return run


_READERS: dict[str, Callable[[Node, Scope], Tree]] = {
    "RangeVar": _relation,
    "RangeSubselect": _subselect,
    "RangeFunction": _function,
    "JoinExpr": _join,
}
