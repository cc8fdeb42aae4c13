"""WITH queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.plpgsql.expressions.scope import Env, Scope
from schemaguard.plpgsql.values.kinds import Value, hashable
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemaguard.statements.statement import Node

Row = tuple[Value, ...]
ITERATIONS = 10_000
"""More turns of a WITH RECURSIVE than this are taken for an endless one."""


class CommonTable:
    """A WITH query: its columns, and its rows as a FROM item of any level inside sees them."""

    def __init__(self, fields: Node, scope: Scope, *, recursive: bool) -> None:
        """Compile the query; one that refers to itself finds its rows so far."""
        from schemaguard.plpgsql.queries.select import compile_query

        self.name = fields["ctename"]
        self.scope = scope
        self.names = strings(fields.get("aliascolnames"))
        self.current: list[Row] = []
        tag, query = only(fields["ctequery"])
        if tag != "SelectStmt":
            raise Unanswerable(f"{tag} in WITH is not evaluated here")
        self.step = None
        self.distinct = False
        if recursive and query.get("op") == "SETOP_UNION" and _mentions(query["rarg"], self.name):
            self.base = compile_query({"SelectStmt": query["larg"]}, scope.context, scope)
            self.distinct = not query.get("all")
            self.columns = self._named(self.base.columns)
            inner = Scope(scope.context, scope)
            inner.ctes[self.name] = _Turn(self)
            self.step = compile_query({"SelectStmt": query["rarg"]}, scope.context, inner)
        else:
            self.base = compile_query(fields["ctequery"], scope.context, scope)
            self.columns = self._named(self.base.columns)

    def _named(self, columns: list[str]) -> list[str]:
        return [*self.names, *columns[len(self.names) :]]

    def rows(self, scope: Scope, env: Env) -> Iterable[Row]:
        """The rows, made once for each run of the level that defines them; `scope` is that of the FROM item."""
        level: Scope | None = scope
        while level is not None and level is not self.scope:
            level = level.parent
            env = env.outer or env
        key = ("cte", self.name)
        if key not in env.cache:
            env.cache[key] = list(self.base.rows(env)) if self.step is None else self._recursive(env)
        found: list[Row] = env.cache[key]
        return found

    def _recursive(self, env: Env) -> list[Row]:
        assert self.step is not None  # noqa: S101 - the caller's condition, for the type checker
        found: list[Row] = []
        seen: set[Any] = set()
        turn = self._new(self.base.rows(env), seen)
        for _ in range(ITERATIONS):
            if not turn:
                return found
            found.extend(turn)
            self.current = turn
            turn = self._new(self.step.rows(Env([], env)), seen)
        raise Unanswerable(f"the recursive query `{self.name}` does not end within {ITERATIONS} turns")

    def _new(self, rows: Iterable[Row], seen: set[Any]) -> list[Row]:
        if not self.distinct:
            return list(rows)
        fresh = {tuple(map(hashable, row)): row for row in rows}
        kept = [row for key, row in fresh.items() if key not in seen]
        seen.update(fresh)
        return kept


class _Turn:
    """The rows of a recursive query's last turn, as the next one sees them."""

    def __init__(self, table: CommonTable) -> None:
        self.table = table
        self.columns = table.columns

    def rows(self, _scope: Scope, _env: Env) -> Iterable[Row]:
        return self.table.current


def _mentions(node: Any, name: str) -> bool:  # noqa: ANN401 - a tree
    if isinstance(node, dict):
        if node.get("RangeVar", {}).get("relname") == name:
            return True
        return any(_mentions(item, name) for item in node.values())
    return isinstance(node, list) and any(_mentions(item, name) for item in node)


def define(clause: Node | None, scope: Scope) -> None:
    """Add the WITH queries of a clause to a level's scope."""
    if clause is None:
        return
    for item in clause["ctes"]:
        fields = item["CommonTableExpr"]
        scope.ctes[fields["ctename"]] = CommonTable(fields, scope, recursive=bool(clause.get("recursive")))
