"""Expressions: the values that they can have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import constant, only, strings
from schemaguard.linting.questions.logic.base import NEVER, NO, NOT_YES, YES, Base, Found
from schemaguard.linting.questions.logic.rewriting import aggregates
from schemaguard.linting.questions.logic.worlds import NULL, SETTING, Symbol, Term, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.linting.questions.logic.scopes import Scope
    from schemaguard.statements.statement import Node

TEXT_TYPES = frozenset(("text", "varchar", "bpchar", "name", "citext", "char"))
"""Types that take the empty string."""
CONDITIONS = frozenset(("BoolExpr", "NullTest", "BooleanTest"))
COMPARING = frozenset((
    "AEXPR_OP_ANY", "AEXPR_OP_ALL", "AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT", "AEXPR_IN",
))  # fmt: skip
DERIVING = frozenset(("->>", "->", "#>>", "#>"))
"""Operators that take a part out of a setting that holds several things."""


class Values(Base):
    """Solves expressions, by the kind of node."""

    def values(self, node: Node, scope: Scope, world: World) -> Iterator[Found]:  # noqa: C901, PLR0912 - one branch a kind of node
        """The values that an expression can have, each with what is so then; none where it is an error."""
        self.spend()
        tag, fields = only(node)
        if tag == "A_Const":
            yield _constant(fields), world
        elif tag == "TypeCast":
            yield from self._cast(fields, scope, world)
        elif tag in ("CollateClause", "NamedArgExpr"):
            yield from self.values(fields["arg"], scope, world)
        elif tag in ("ColumnRef", "ParamRef"):
            yield self._reference(tag, fields, scope), world
        elif tag == "CoalesceExpr":
            yield from self._coalesce(fields["args"], scope, world)
        elif tag == "MinMaxExpr":
            for argument in fields["args"]:
                yield from self.values(argument, scope, world)
        elif tag == "CaseExpr":
            for result, there in self.branches(fields, scope, world):
                if result is None:
                    yield NULL, there
                else:
                    yield from self.values(result, scope, there)
        elif tag == "FuncCall":
            yield from self.called(strings(fields["funcname"]), fields.get("args") or [], scope, world)
        elif tag == "SubLink" and fields["subLinkType"] == "EXPR_SUBLINK":
            yield from self._scalar(fields["subselect"]["SelectStmt"], scope, world)
        elif tag in CONDITIONS or (tag == "SubLink" and fields["subLinkType"] != "ARRAY_SUBLINK"):
            yield from self._as_value(node, scope, world)
        elif tag == "A_Expr":
            yield from self._operation(fields, scope, world)
        elif tag == "A_Indirection":
            yield from self._part(fields["arg"], scope, world)
        elif tag == "SQLValueFunction":
            yield Symbol("session", fields.get("op", "")), world
        else:
            yield self.fresh(tag), world

    def branches(self, fields: Node, scope: Scope, world: World) -> Iterator[tuple[Node | None, World]]:
        """The results of a CASE: see `Truths`."""
        raise NotImplementedError

    def _as_value(self, node: Node, scope: Scope, world: World) -> Iterator[Found]:
        for wanted, term in ((YES, True), (NO, False), (NEVER, NULL)):
            for there in self.truths(node, scope, world, wanted):
                yield term, there

    def _reference(self, tag: str, fields: Node, scope: Scope) -> Term:
        if tag == "ParamRef":
            name = f"${fields.get('number', 0)}"
            return scope.variables[name] if name in scope.variables else self.fresh(name)
        parts = [part["String"].get("sval", "") for part in fields["fields"] if "String" in part]
        known, term = scope.resolve(parts) if parts else (False, NULL)
        return term if known else self.fresh(parts[-1] if parts else "*")

    def _cast(self, fields: Node, scope: Scope, world: World) -> Iterator[Found]:
        target = fields["typeName"]
        name = strings(target.get("names"))[-1] if target.get("names") else ""
        is_array = bool(target.get("arrayBounds"))
        for term, there in self.values(fields["arg"], scope, world):
            known = there.value(term)
            if known == "" and name not in TEXT_TYPES and not is_array:
                self.fails(f"after SET LOCAL the setting reads as '' and `''::{name}` is an error")
                continue
            if name == "bool" and isinstance(known, str):
                yield known.lower() in ("t", "true", "on", "yes", "1"), there
            elif name == "uuid" and isinstance(known, str):
                yield known.lower(), there
            elif isinstance(known, bool) and name in TEXT_TYPES:
                yield ("true" if known else "false"), there
            else:
                yield term, there

    def _coalesce(self, nodes: list[Node], scope: Scope, world: World) -> Iterator[Found]:
        if not nodes:
            yield NULL, world
            return
        for term, there in self.values(nodes[0], scope, world):
            known = there.value(term)
            if known is NULL:
                yield from self._coalesce(nodes[1:], scope, there)
            elif not isinstance(known, Symbol):
                yield term, there
            else:
                if (found := there.present(term)) is not None:
                    yield term, found
                if (missing := there.equal(term, NULL)) is not None:
                    yield from self._coalesce(nodes[1:], scope, missing)

    def _scalar(self, select: Node, scope: Scope, world: World) -> Iterator[Found]:
        if aggregates(select):
            yield self.fresh("aggregate"), world
            return
        for columns, there in self.selected(select, scope, world):
            yield columns[0][1] if columns else NULL, there
        if select.get("fromClause") or select.get("whereClause"):
            yield NULL, world  # no row

    def _part(self, node: Node, scope: Scope, world: World) -> Iterator[Found]:
        """What is taken out of a value: of the setting's still the tenant's, of another anything."""
        for term, there in self.values(node, scope, world):
            known = there.value(term)
            if known is NULL or known == "":
                yield NULL, there
            elif SETTING in there.group(term):
                yield term, there
            else:
                yield self.fresh("part"), there

    def _operation(self, fields: Node, scope: Scope, world: World) -> Iterator[Found]:
        kind, name = fields["kind"], strings(fields["name"])[-1] if "name" in fields else ""
        if kind == "AEXPR_NULLIF":
            yield from self._nullif(fields, scope, world)
        elif kind in COMPARING or (kind == "AEXPR_OP" and name in ("=", "<>", "!=") and "lexpr" in fields):
            yield from self._as_value({"A_Expr": fields}, scope, world)
        elif kind == "AEXPR_OP" and name in DERIVING:
            yield from self._part(fields["lexpr"], scope, world)
        else:
            yield from self._unknown_operation(fields, name, scope, world)

    def _nullif(self, fields: Node, scope: Scope, world: World) -> Iterator[Found]:
        for left, there in self.values(fields["lexpr"], scope, world):
            for right, then in self.values(fields["rexpr"], scope, there):
                for found in self.compared(left, right, then, YES):
                    yield NULL, found
                for found in self.compared(left, right, then, NOT_YES):
                    yield left, found

    def _unknown_operation(self, fields: Node, name: str, scope: Scope, world: World) -> Iterator[Found]:
        """NULL of NULL; constants put together; else a value of its own, the same for the same operands."""
        lefts = self.values(fields["lexpr"], scope, world) if "lexpr" in fields else [("", world)]
        for left, there in lefts:
            if "List" in fields["rexpr"]:  # BETWEEN
                yield self.fresh(name), there
                continue
            for right, then in self.values(fields["rexpr"], scope, there):
                one, other = then.value(left), then.value(right)
                if NULL in (one, other):
                    yield NULL, then
                elif name == "||" and isinstance(one, str) and isinstance(other, str):
                    yield one + other, then
                elif name == "||" and _joined(left, right, then):
                    yield SETTING, then
                elif (
                    isinstance(one, str)
                    and isinstance(other, str)
                    and (verdict := _ordered(name, one, other)) is not None
                ):
                    yield verdict, then
                else:
                    yield Symbol(("operator", fields["kind"], name), (left, right)), then


def _joined(left: Term, right: Term, world: World) -> bool:
    """Whether the setting is put together with constants: it still tells tenants apart."""
    terms = (left, right)
    settings = [term for term in terms if SETTING in world.group(term)]
    return len(settings) == 1 and sum(isinstance(world.value(term), str) for term in terms) == 1


def _ordered(name: str, left: str, right: str) -> bool | None:
    """The verdict of an order between two whole numbers, None for anything else."""
    if not (left.isdigit() and right.isdigit()):
        return None
    one, other = int(left), int(right)
    return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}.get(name)


def _constant(fields: Node) -> Term:
    value = constant(fields)
    return value if value is None or isinstance(value, bool) else str(value)
