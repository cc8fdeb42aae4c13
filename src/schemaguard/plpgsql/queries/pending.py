"""Calls whose value takes more than one row: aggregates, window functions, set-returning functions in a target list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.plpgsql.queries.ordering import Order, sort_rows
from schemaguard.plpgsql.values.kinds import Record, Unknown, Value, hashable
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemaguard.plpgsql.expressions.scope import Env, Scope
    from schemaguard.statements.statement import Node


class Aggregate:
    """A call of an aggregate: what it takes from each row, and how a group's values become one."""

    def __init__(self, name: str, fields: Node, scope: Scope) -> None:
        """Compile the arguments, the order and the filter."""
        from schemaguard.plpgsql.expressions.compile import compile_node
        from schemaguard.plpgsql.functions.registry import AGGREGATES

        self.run = AGGREGATES[name]
        self.context = scope.context
        self.arguments = [compile_node(item, scope) for item in fields.get("args") or ()]
        self.distinct = bool(fields.get("agg_distinct"))
        self.order = [
            Order.of(item, compile_node(item["SortBy"]["node"], scope))
            for item in fields.get("agg_order") or ()
        ]
        self.filter = compile_node(fields["agg_filter"], scope) if "agg_filter" in fields else None

    def value(self, group: Iterable[Env]) -> Value:
        """The value for a group of rows."""
        rows = []
        for env in group:
            if self.filter is not None:
                verdict = self.filter(env)
                if isinstance(verdict, Unknown):
                    return verdict
                if not verdict:
                    continue
            rows.append((env, tuple(get(env) for get in self.arguments)))
        if self.order:
            rows = sort_rows(rows, self.order, lambda row: row[0], self.context)
        values = [row[1] for row in rows]
        if self.distinct:
            values = list({tuple(map(hashable, row)): row for row in values}.values())
            if not self.order and all(isinstance(row[0], str) for row in values if row):
                values.sort()
        return self.run(self.context, values)


class SetCall:
    """A set-returning function in the target list: its rows multiply the row that it stands in."""

    def __init__(self, name: str, fields: Node, scope: Scope) -> None:
        """Compile the arguments."""
        from schemaguard.plpgsql.expressions.compile import compile_node
        from schemaguard.plpgsql.functions.registry import SETS

        self.function = SETS[name]
        self.context = scope.context
        self.arguments = [compile_node(item, scope) for item in fields.get("args") or ()]

    def values(self, env: Env) -> list[Value]:
        """One value for each row: a record where the function gives several columns.

        Raises:
            Unanswerable: an argument is unknown.
        """
        values = [get(env) for get in self.arguments]
        for value in values:
            if isinstance(value, Unknown):
                raise Unanswerable(value.reason)
        names = self.function.columns
        rows = self.function.run(self.context, *values)
        return [Record(names, row) if len(names) > 1 else row[0] for row in rows]


class WindowCall:
    """A window function or an aggregate with OVER, over the default frame."""

    def __init__(self, name: str, fields: Node, scope: Scope) -> None:
        """Compile the arguments and the window."""
        from schemaguard.plpgsql.expressions.compile import compile_node
        from schemaguard.plpgsql.functions.registry import AGGREGATES

        self.name = name
        self.context = scope.context
        self.arguments = [compile_node(item, scope) for item in fields.get("args") or ()]
        self.aggregate = AGGREGATES.get(name)
        self.filter = compile_node(fields["agg_filter"], scope) if "agg_filter" in fields else None
        window = _definition(fields["over"], scope)
        self.partition = [compile_node(item, scope) for item in window.get("partitionClause") or ()]
        self.order = [
            Order.of(item, compile_node(item["SortBy"]["node"], scope))
            for item in window.get("orderClause") or ()
        ]
        self.whole = bool(window.get("frameOptions", 0) & _WHOLE_PARTITION)
        self.framed = bool(window.get("frameOptions", 0) & _NOT_DEFAULT) and not self.whole

    def fill(self, rows: list[Env]) -> None:
        """Append the value for each row to its `windows`.

        Raises:
            Unanswerable: a key is unknown, or the frame is not one that is evaluated here.
        """
        if self.framed:
            raise Unanswerable(f"the frame of `{self.name}` is not evaluated here")
        parts: dict[Any, list[Env]] = {}
        for env in rows:
            keys = [get(env) for get in self.partition]
            for key in keys:
                if isinstance(key, Unknown):
                    raise Unanswerable(key.reason)
            parts.setdefault(tuple(map(hashable, keys)), []).append(env)
        results: dict[int, Value] = {}
        for part in parts.values():
            ordered = sort_rows(part, self.order, lambda env: env, self.context) if self.order else part
            for env, value in zip(ordered, self._values(ordered), strict=True):
                results[id(env)] = value
        for env in rows:
            env.windows.append(results[id(env)])

    def _values(self, part: list[Env]) -> list[Value]:
        if self.aggregate is not None:
            return self._running(part)
        peers = self._peers(part)
        match self.name:
            case "row_number":
                return list(range(1, len(part) + 1))
            case "rank":
                return [peers.index(peer) + 1 for peer in peers]
            case "dense_rank":
                distinct = list(dict.fromkeys(peers))
                return [distinct.index(peer) + 1 for peer in peers]
            case "first_value":
                return [self.arguments[0](part[0])] * len(part)
            case "last_value" if not self.order or self.whole:
                return [self.arguments[0](part[-1])] * len(part)
            case "lag" | "lead":
                return self._shifted(part)
        return [Unknown(f"`{self.name}` is not evaluated here")] * len(part)

    def _shifted(self, part: list[Env]) -> list[Value]:
        sign = -1 if self.name == "lag" else 1
        found = []
        for at, env in enumerate(part):
            step = int(self.arguments[1](env)) if len(self.arguments) > 1 else 1
            other = at + sign * step
            inside = 0 <= other < len(part)
            default = self.arguments[2](env) if len(self.arguments) > 2 else None
            found.append(self.arguments[0](part[other]) if inside else default)
        return found

    def _running(self, part: list[Env]) -> list[Value]:
        """The aggregate over the rows up to each row and its peers, or over all where there is no order."""
        assert self.aggregate is not None  # noqa: S101 - the caller's condition, for the type checker
        rows = [tuple(get(env) for get in self.arguments) for env in part if self._counts(env)]
        if not self.order or self.whole:
            return [self.aggregate(self.context, rows)] * len(part)
        peers = self._peers(part)
        found = []
        for peer in peers:
            last = len(peers) - peers[::-1].index(peer)
            inside = [tuple(get(env) for get in self.arguments) for env in part[:last] if self._counts(env)]
            found.append(self.aggregate(self.context, inside))
        return found

    def _counts(self, env: Env) -> bool:
        return self.filter is None or self.filter(env) is True

    def _peers(self, part: list[Env]) -> list[Any]:
        return [tuple(hashable(order.get(env)) for order in self.order) for env in part]


# Bits of WindowDef.frameOptions (parsenodes.h): a frame that was written, and its two ends.
_NOT_DEFAULT = 0x00001
_WHOLE_PARTITION = 0x00100


def _definition(over: Node, scope: Scope) -> Node:
    name = over.get("name") or over.get("refname")
    if name is None:
        return over
    base = scope.window_definitions.get(name, {})
    return (
        {**base, **{key: value for key, value in over.items() if key in ("orderClause", "frameOptions")}}
        if ("refname" in over)
        else base
    )
