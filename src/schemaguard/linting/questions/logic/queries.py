"""Sub-selects: the rows that they can have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.model import Relation
from schemaguard.linting.questions.logic.base import YES, Base
from schemaguard.linting.questions.logic.rewriting import aggregates, is_aggregate, uncast
from schemaguard.linting.questions.logic.scopes import Row, Scope
from schemaguard.linting.questions.logic.worlds import NULL, TENANT, Symbol, Term, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.statements.statement import Node

Selected = tuple[list[tuple[str, Term]], World]
Joined = tuple[Scope, World]


class Queries(Base):
    """Solves SELECTs: FROM, WHERE, the columns; what only takes rows away or orders them is not looked at."""

    def selected(self, select: Node, scope: Scope, world: World) -> Iterator[Selected]:
        """The rows that a SELECT can have, by name and value of each column."""
        self.spend()
        scope = self._with_common(select, scope)
        if "larg" in select:
            yield from self.selected(select["larg"], scope, world)
            if select["op"] == "SETOP_UNION":
                yield from self.selected(select["rarg"], scope, world)
            return
        if "valuesLists" in select:
            for row in select["valuesLists"]:
                yield from self._columns([("", node) for node in row["List"]["items"]], scope, world)
            return
        if aggregates(select):
            yield [(_name(target), self.fresh("aggregate")) for target in select["targetList"]], world
            return
        for inner, there in self._from(select.get("fromClause") or [], scope.inside(), world):
            conditions = [there]
            if "whereClause" in select:
                conditions = list(self.truths(select["whereClause"], inner, there, YES))
            targets = list(_targets(select, inner))
            for then in conditions:
                yield from self._columns(targets, inner, then)

    def _with_common(self, select: Node, scope: Scope) -> Scope:
        for item in select.get("withClause", {}).get("ctes") or ():
            table = item["CommonTableExpr"]
            if "SelectStmt" in table["ctequery"]:
                found = (table["ctequery"]["SelectStmt"], scope)
                scope = scope._replace(common={**scope.common, table["ctename"]: found})
        return scope

    def _columns(
        self, targets: list[tuple[str, Node | Term]], scope: Scope, world: World
    ) -> Iterator[Selected]:
        if not targets:
            yield [], world
            return
        (name, node), *rest = targets
        found = self.values(node, scope, world) if isinstance(node, dict) else [(node, world)]
        for term, there in found:
            for columns, then in self._columns(rest, scope, there):
                yield [(name, term), *columns], then

    # FROM

    def _from(self, items: list[Node], scope: Scope, world: World) -> Iterator[Joined]:
        if not items:
            yield scope, world
            return
        for inner, there in self._item(items[0], scope, world):
            yield from self._from(items[1:], inner, there)

    def _item(self, node: Node, scope: Scope, world: World) -> Iterator[Joined]:
        tag, fields = only(node)
        alias = fields.get("alias", {}).get("aliasname", "")
        if tag == "RangeVar":
            yield from self._relation(fields, alias or fields["relname"], scope, world)
        elif tag == "JoinExpr":
            yield from self._join(fields, scope, world)
        elif tag == "RangeSubselect":
            yield from self._derived(
                fields["subquery"]["SelectStmt"], fields.get("alias", {}), scope, scope, world
            )
        elif tag == "RangeFunction":
            yield from self._function(fields, alias, scope, world)
        else:
            yield scope.with_row(alias, Row({}, whole=False, key=self.fresh().owner)), world

    def _relation(self, fields: Node, alias: str, scope: Scope, world: World) -> Iterator[Joined]:
        name = fields["relname"]
        if "schemaname" not in fields and name in scope.common:
            select, outside = scope.common[name]
            yield from self._derived(select, {"aliasname": alias}, outside, scope, world)
            return
        yield scope.with_row(alias, self.row_of(self.relation_named(fields))), world

    def row_of(self, relation: Relation | None) -> Row:
        """Any row of a relation; of one that is not known, with any columns."""
        key = self.fresh().owner
        if relation is None:
            return Row({}, whole=False, key=key)
        self.rows[key] = relation
        columns = {
            column.name: TENANT if column.name == self.tenant_column else Symbol(key, column.number)
            for column in relation.columns
        }
        return Row(columns, relation=relation, key=key)

    def relation_named(self, fields: Node) -> Relation | None:
        """The relation that FROM names; without a schema, the first of that name, `public` before others."""
        schema = fields.get("schemaname")
        for name in [schema] if schema else ["public", *self.catalog.schemas]:
            oid = self.catalog.relations.get((self.catalog.schemas.get(name, -1), fields["relname"]))
            record = self.catalog.objects.get(oid) if oid is not None else None
            if isinstance(record, Relation):
                return record
        return None

    def _derived(
        self, select: Node, alias: Node, inside: Scope, scope: Scope, world: World
    ) -> Iterator[Joined]:
        """A sub-select or common table; its rows may have new names for their columns."""
        names = strings(alias.get("colnames"))
        for columns, there in self.selected(select, inside, world):
            given = {
                (names[at] if at < len(names) else name): term for at, (name, term) in enumerate(columns)
            }
            yield scope.with_row(alias.get("aliasname", ""), Row(given)), there

    def _function(self, fields: Node, alias: str, scope: Scope, world: World) -> Iterator[Joined]:
        tag, call = only(fields["functions"][0]["List"]["items"][0])
        if tag != "FuncCall":
            yield scope.with_row(alias, Row({}, whole=False, key=self.fresh().owner)), world
            return
        function = strings(call["funcname"])[-1]
        names = strings(fields.get("alias", {}).get("colnames"))
        name = names[0] if names else alias or function
        for term, there in self.values({tag: call}, scope, world):
            yield (
                scope.with_row(alias or function, Row({name: term}, whole=False, key=self.fresh().owner)),
                there,
            )

    def _join(self, fields: Node, scope: Scope, world: World) -> Iterator[Joined]:
        kind = fields["jointype"]
        for left, there in self._item(fields["larg"], scope, world):
            before = set(left.rows[0])
            for both, then in self._item(fields["rarg"], left, there):
                yield from self._matching(fields, both, then, before)
                if kind in ("JOIN_LEFT", "JOIN_FULL"):
                    yield _nulls(both, set(both.rows[0]) - before), then
                if kind in ("JOIN_RIGHT", "JOIN_FULL"):
                    yield _nulls(both, before - set(scope.rows[0])), then

    def _matching(self, fields: Node, scope: Scope, world: World, before: set[str]) -> Iterator[Joined]:
        worlds = [world]
        if "quals" in fields:
            worlds = list(self.truths(fields["quals"], scope, world, YES))
        for name in strings(fields.get("usingClause")):
            sides = [
                [row.column(name) for alias, row in scope.rows[0].items() if (alias in before) is is_left]
                for is_left in (True, False)
            ]
            left, right = (next((term for known, term in side if known), NULL) for side in sides)
            worlds = [found for there in worlds for found in self.compared(left, right, there, YES)]
        for there in worlds:
            yield scope, there


def _nulls(scope: Scope, aliases: set[str]) -> Scope:
    """The scope in which the rows of some aliases are those that an outer join makes up."""
    for alias in aliases:
        row = scope.rows[0][alias]
        scope = scope.with_row(alias, row._replace(columns=dict.fromkeys(row.columns, NULL)))
    return scope


def _targets(select: Node, scope: Scope) -> Iterator[tuple[str, Node | Term]]:
    """The columns of a SELECT, `*` written out."""
    for item in select.get("targetList") or ():
        node = item["ResTarget"]["val"]
        tag, fields = only(node)
        if tag == "ColumnRef" and "A_Star" in fields["fields"][-1]:
            only_of = strings(fields["fields"][:-1])
            for alias, row in scope.rows[0].items():
                if not only_of or alias == only_of[-1]:
                    yield from row.columns.items()
        elif select.get("groupClause") and _is_aggregate(node):
            yield _name(item), Symbol("aggregate", _name(item))
        else:
            yield _name(item), node


def _is_aggregate(node: Node) -> bool:
    tag, fields = only(uncast(node))
    return tag == "FuncCall" and is_aggregate(fields)


def _name(item: Node) -> str:
    """The name of a target."""
    target = item["ResTarget"]
    if "name" in target:
        return str(target["name"])
    tag, fields = only(uncast(target["val"]))
    if tag == "ColumnRef" and "String" in fields["fields"][-1]:
        return strings(fields["fields"][-1:])[0]
    return strings(fields["funcname"])[-1] if tag == "FuncCall" else "?column?"
