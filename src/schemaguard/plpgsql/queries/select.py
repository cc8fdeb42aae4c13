"""SELECT: from the parse tree to rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.plpgsql.expressions.compile import compile_node
from schemaguard.plpgsql.expressions.scope import EMPTY, Env, Scope
from schemaguard.plpgsql.queries import common_tables, set_operations
from schemaguard.plpgsql.queries.conditions import conjuncts
from schemaguard.plpgsql.queries.from_clause import build
from schemaguard.plpgsql.queries.ordering import Order, sort_rows
from schemaguard.plpgsql.queries.planning import Group, make_plan
from schemaguard.plpgsql.queries.query import Query
from schemaguard.plpgsql.queries.targets import Targets
from schemaguard.plpgsql.values.kinds import Unknown, Value, hashable
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schemaguard.plpgsql.context import Context
    from schemaguard.plpgsql.expressions.scope import Getter, Variables
    from schemaguard.plpgsql.queries.query import Row
    from schemaguard.statements.statement import Node


def compile_query(
    node: Node, context: Context, parent: Scope | None = None, variables: Variables | None = None
) -> Query:
    """The query of a ``{"SelectStmt": …}`` node.

    Raises:
        Refused: a name in it means nothing.
        Unanswerable: it is of a kind that is not evaluated here.
    """
    tag, fields = only(node)
    if tag != "SelectStmt":
        raise Unanswerable(f"{tag} inside of a query is not evaluated here")
    if "intoClause" in fields:
        raise Unanswerable("SELECT INTO makes a table")
    scope = Scope(context, parent, variables)
    common_tables.define(fields.get("withClause"), scope)
    if fields.get("op", "SETOP_NONE") != "SETOP_NONE":
        return set_operations.SetOperation(fields, scope)
    if "valuesLists" in fields:
        return Values(fields, scope)
    return Select(fields, scope)


class Limits:
    """LIMIT and OFFSET."""

    def __init__(self, fields: Node, scope: Scope) -> None:
        """Compile both."""
        self.count = compile_node(fields["limitCount"], scope) if "limitCount" in fields else None
        self.offset = compile_node(fields["limitOffset"], scope) if "limitOffset" in fields else None
        if fields.get("limitOption") == "LIMIT_OPTION_WITH_TIES":
            raise Unanswerable("FETCH FIRST … WITH TIES is not evaluated here")

    def apply(self, rows: Iterator[Row], env: Env) -> Iterator[Row]:
        """The rows between the limits."""
        start, count = self._number(self.offset, env) or 0, self._number(self.count, env)
        for at, row in enumerate(rows):
            if count is not None and at >= start + count:
                return
            if at >= start:
                yield row
            if count is not None and at + 1 >= start + count:
                return

    @staticmethod
    def _number(get: Getter | None, env: Env) -> int | None:
        value = None if get is None else get(env)
        if isinstance(value, Unknown):
            raise Unanswerable(value.reason)
        return None if value is None else int(value)


class Values(Query):
    """VALUES (…), …."""

    def __init__(self, fields: Node, scope: Scope) -> None:
        """Compile every expression."""
        self.lists = [
            [compile_node(item, scope) for item in each["List"]["items"]] for each in fields["valuesLists"]
        ]
        self.columns = [f"column{at}" for at in range(1, len(self.lists[0]) + 1)]
        self.limits = Limits(fields, scope)
        self.context = scope.context
        positions = [_position(item, self.columns) for item in fields.get("sortClause") or ()]
        self.orders = [
            Order.of(item, set_operations.column_at(at))
            for item, at in zip(fields.get("sortClause") or (), positions, strict=True)
        ]

    def rows(self, outer: Env) -> Iterator[Row]:
        """The rows as written."""
        env = Env([], outer)
        found = [tuple(get(env) for get in each) for each in self.lists]
        if self.orders:
            found = sort_rows(found, self.orders, lambda row: Env([row]), self.context)
        yield from self.limits.apply(iter(found), env)


def _position(item: Node, columns: list[str]) -> int:
    """Which output column an ORDER BY item of VALUES or UNION means."""
    tag, fields = only(item["SortBy"]["node"])
    if tag == "A_Const" and "ival" in fields:
        return int(fields["ival"].get("ival", 0)) - 1
    names = strings(fields["fields"]) if tag == "ColumnRef" else []
    if len(names) != 1 or names[0] not in columns:
        raise Unanswerable("ORDER BY an expression over VALUES or UNION is not evaluated here")
    return columns.index(names[0])


class Select(Query):
    """SELECT … FROM … WHERE … GROUP BY … HAVING … ORDER BY … LIMIT …."""

    def __init__(self, fields: Node, scope: Scope) -> None:
        """Compile all clauses, in the order in which their names are looked up."""
        self.scope = scope
        self.context = scope.context
        self.tree: Group = build(fields.get("fromClause") or [], scope)
        conditions = conjuncts(fields.get("whereClause"), scope)
        self.constant = [item.holds for item in conditions if not item.uses]
        for item in fields.get("windowClause") or ():
            scope.window_definitions[item["WindowDef"]["name"]] = item["WindowDef"]
        self.targets = Targets(fields.get("targetList") or [], scope)
        self.columns = self.targets.columns
        self.grouping = [self._group_key(item) for item in fields.get("groupClause") or ()]
        self.having = compile_node(fields["havingClause"], scope) if "havingClause" in fields else None
        self.orders = [
            Order.of(item, self.targets.sort_key(item["SortBy"]["node"]))
            for item in fields.get("sortClause") or ()
        ]
        self.distinct, self.distinct_on = self._distinct(fields.get("distinctClause"))
        self.limits = Limits(fields, scope)
        self.grouped = bool(self.grouping or scope.aggregates or self.having)
        self.plan = make_plan(self.tree, conditions, frozenset())
        self.conditions = [item.holds for item in conditions]

    def _group_key(self, node: Node) -> Getter:
        if "GroupingSet" in node:
            raise Unanswerable("GROUPING SETS are not evaluated here")
        return self.targets.group_key(node)

    def _distinct(self, clause: list[Node] | None) -> tuple[bool, list[Getter]]:
        if clause is None:
            return False, []
        keys = [item for item in clause if item]
        return not keys, [self.targets.sort_key(item) for item in keys]

    def rows(self, outer: Env) -> Iterator[Row]:
        """The rows."""
        lazy = not (self.grouped or self.orders or self.distinct or self.distinct_on or self.scope.windows)
        env = Env([None] * len(self.scope.entries), outer)
        if lazy:
            found: Iterator[Row] = (
                row for each in self._expanded(self._joined(env)) for row in (self.targets.row(each),)
            )
        else:
            found = self._finished(outer, env)
        yield from self.limits.apply(found, env)

    def _joined(self, env: Env) -> Iterator[Env]:
        """Each combination of rows of the FROM items that meets the conditions; the Env is reused."""
        if not self.scope.entries:
            yield from self._without_from(env)
            return
        for unknown in self.plan.run(env, None):
            if unknown is not None:
                raise Unanswerable(unknown.reason)
            yield env

    def _without_from(self, env: Env) -> Iterator[Env]:
        for holds in self.conditions:
            value = holds(env)
            if isinstance(value, Unknown):
                raise Unanswerable(value.reason)
            if not value:
                return
        yield env

    def _expanded(self, envs: Iterable[Env]) -> Iterator[Env]:
        """The rows multiplied by the set-returning functions of the target list."""
        calls = self.scope.sets
        for env in envs:
            if not calls:
                yield env
                continue
            lists = [call.values(env) for call in calls]
            for at in range(max(map(len, lists))):
                env.sets = [items[at] if at < len(items) else None for items in lists]
                yield env

    def _finished(self, outer: Env, env: Env) -> Iterator[Row]:
        """Rows that need to be seen together: grouped, numbered by windows, ordered, made distinct."""
        kept = [self._kept(each) for each in self._joined(env)]
        if self.grouped:
            kept = self._groups(kept, outer)
        for call in self.scope.windows:
            call.fill(kept)
        if self.scope.sets:
            kept = [self._kept(each) for each in self._expanded(kept)]
        if self.orders:
            kept = sort_rows(kept, self.orders, lambda each: each, self.context)
        seen: set[Any] = set()
        for each in kept:
            row = self.targets.row(each)
            if self.distinct or self.distinct_on:
                keys = row if self.distinct else tuple(get(each) for get in self.distinct_on)
                key = tuple(_known(value) for value in keys)
                if key in seen:
                    continue
                seen.add(key)
            yield row

    @staticmethod
    def _kept(env: Env) -> Env:
        copy = Env(list(env.rows), env.outer, env.cache)
        copy.aggregates, copy.windows, copy.sets = env.aggregates, list(env.windows), env.sets
        return copy

    def _groups(self, envs: list[Env], outer: Env) -> list[Env]:
        groups: dict[Any, list[Env]] = {}
        for env in envs:
            groups.setdefault(tuple(_known(get(env)) for get in self.grouping), []).append(env)
        if not groups and not self.grouping:
            groups[()] = []
        found = []
        for group in groups.values():
            first = group[0] if group else Env([None] * len(self.scope.entries), outer)
            env = Env(list(first.rows), outer, first.cache)
            env.aggregates = [call.value(group) for call in self.scope.aggregates]
            if self.having is not None:
                verdict = self.having(env)
                if isinstance(verdict, Unknown):
                    raise Unanswerable(verdict.reason)
                if not verdict:
                    continue
            found.append(env)
        return found


def _known(value: Value) -> Any:  # noqa: ANN401 - a key
    if isinstance(value, Unknown):
        raise Unanswerable(value.reason)
    return hashable(value)


def run_query(
    node: Node, context: Context, variables: Variables | None = None
) -> tuple[list[str], list[Row]]:
    """The columns and rows of a query that stands alone."""
    query = compile_query(node, context, None, variables)
    return query.columns, list(query.rows(EMPTY))
