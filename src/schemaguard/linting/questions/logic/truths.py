"""Conditions: the worlds in which they are true, false or NULL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.linting.questions.logic.base import NEVER, NO, NOT_NO, NOT_YES, YES, Base, Truth
from schemaguard.linting.questions.logic.rewriting import aggregates, comparison, listed, row_items
from schemaguard.linting.questions.logic.worlds import NULL, Symbol, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemaguard.linting.questions.logic.scopes import Scope
    from schemaguard.statements.statement import Node

    Solve = Callable[[Node, Scope, World, frozenset[Truth]], Iterator[World]]

_TESTS = {
    "IS_TRUE": YES, "IS_NOT_TRUE": NOT_YES, "IS_FALSE": NO, "IS_NOT_FALSE": NOT_NO, "IS_UNKNOWN": NEVER,
    "IS_NOT_UNKNOWN": YES | NO,
}  # fmt: skip
_ALL = YES | NOT_YES


class Truths(Base):
    """Solves conditions, by the kind of node."""

    def truths(self, node: Node, scope: Scope, world: World, wanted: frozenset[Truth]) -> Iterator[World]:
        """The worlds in which a condition is one of the truth values wanted."""
        self.spend()
        tag, fields = only(node)
        if tag == "BoolExpr":
            yield from self._logic(fields, scope, world, wanted)
        elif tag == "A_Expr":
            yield from self._operator(fields, scope, world, wanted)
        elif tag == "NullTest":
            yield from self._null_test(fields, scope, world, wanted)
        elif tag == "BooleanTest":
            hit = _TESTS[fields["booltesttype"]]
            for truth, those in ((True, hit), (False, _ALL - hit)):
                if truth in wanted:
                    yield from self.truths(fields["arg"], scope, world, those)
        elif tag == "CaseExpr":
            yield from self._case(fields, scope, world, wanted)
        elif tag == "SubLink" and fields["subLinkType"] in ("EXISTS_SUBLINK", "ANY_SUBLINK", "ALL_SUBLINK"):
            yield from self._sub_link(fields, scope, world, wanted)
        else:
            for term, there in self.values(node, scope, world):
                yield from self.holds(term, there, wanted)

    # and, or, not

    def _logic(self, fields: Node, scope: Scope, world: World, wanted: frozenset[Truth]) -> Iterator[World]:
        arguments = fields["args"]
        if fields["boolop"] == "NOT_EXPR":
            turned = frozenset(truth if truth is None else not truth for truth in wanted)
            yield from self.truths(arguments[0], scope, world, turned)
            return
        deciding = fields["boolop"] == "OR_EXPR"  # one such argument decides the whole
        rest = frozenset((not deciding, None))
        if (not deciding) in wanted:
            yield from self._every(arguments, scope, world, frozenset((not deciding,)))
        if deciding in wanted:
            for argument in arguments:
                yield from self.truths(argument, scope, world, frozenset((deciding,)))
        if None in wanted:
            for number, argument in enumerate(arguments):
                others = arguments[:number] + arguments[number + 1 :]
                for there in self.truths(argument, scope, world, NEVER):
                    yield from self._every(others, scope, there, rest)

    def _every(
        self, nodes: list[Node], scope: Scope, world: World, wanted: frozenset[Truth]
    ) -> Iterator[World]:
        if not nodes:
            yield world
            return
        for there in self.truths(nodes[0], scope, world, wanted):
            yield from self._every(nodes[1:], scope, there, wanted)

    # Operators

    def _operator(
        self, fields: Node, scope: Scope, world: World, wanted: frozenset[Truth]
    ) -> Iterator[World]:
        kind, name = fields["kind"], strings(fields["name"])[-1]
        rewritten = listed(fields) or row_items(fields)
        if rewritten is not None:
            yield from self.truths(rewritten, scope, world, wanted)
        elif kind in ("AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT"):
            yield from self._distinct(fields, scope, world, wanted)
        elif kind in ("AEXPR_OP", "AEXPR_OP_ANY") and name in ("=", "<>", "!=") and "lexpr" in fields:
            if kind == "AEXPR_OP_ANY" and name != "=":
                yield world
                return
            turned = (
                wanted
                if name == "="
                else frozenset(truth if truth is None else not truth for truth in wanted)
            )
            for left, there in self.values(fields["lexpr"], scope, world):
                for right, then in self.values(fields["rexpr"], scope, there):
                    yield from self.compared(left, right, then, turned)
        else:
            for term, there in self.values({"A_Expr": fields}, scope, world):
                yield from self.holds(term, there, wanted)

    def _distinct(
        self, fields: Node, scope: Scope, world: World, wanted: frozenset[Truth]
    ) -> Iterator[World]:
        same = fields["kind"] == "AEXPR_NOT_DISTINCT"
        for left, there in self.values(fields["lexpr"], scope, world):
            for right, then in self.values(fields["rexpr"], scope, there):
                if same in wanted and (found := then.equal(left, right)) is not None:
                    yield found
                if (not same) in wanted and (found := then.differ(left, right)) is not None:
                    yield found

    def _null_test(
        self, fields: Node, scope: Scope, world: World, wanted: frozenset[Truth]
    ) -> Iterator[World]:
        null = fields["nulltesttype"] == "IS_NULL"
        for term, there in self.values(fields["arg"], scope, world):
            if not isinstance(there.value(term), Symbol):
                if ((there.value(term) is NULL) == null) in wanted:
                    yield there
                continue
            if null in wanted and (found := there.equal(term, NULL)) is not None:
                yield found
            if (not null) in wanted and (found := there.present(term)) is not None:
                yield found

    def _case(self, fields: Node, scope: Scope, world: World, wanted: frozenset[Truth]) -> Iterator[World]:
        for result, there in self.branches(fields, scope, world):
            if result is None:
                if None in wanted:
                    yield there
            else:
                yield from self.truths(result, scope, there, wanted)

    def branches(self, fields: Node, scope: Scope, world: World) -> Iterator[tuple[Node | None, World]]:
        """The results of a CASE, each with the worlds in which it is come to; None is CASE's NULL."""
        open_worlds = [world]
        for item in fields["args"]:
            when = only(item)[1]
            condition = when["expr"]
            if "arg" in fields:
                condition = comparison("=", fields["arg"], condition)
            for there in open_worlds:
                for then in self.truths(condition, scope, there, YES):
                    yield when["result"], then
            open_worlds = [
                then for there in open_worlds for then in self.truths(condition, scope, there, NOT_YES)
            ]
        for there in open_worlds:
            yield fields.get("defresult"), there

    # Sub-selects

    def _sub_link(
        self, fields: Node, scope: Scope, world: World, wanted: frozenset[Truth]
    ) -> Iterator[World]:
        select = fields["subselect"]["SelectStmt"]
        kind, test = fields["subLinkType"], fields.get("testexpr")
        if kind == "ALL_SUBLINK":  # true for no rows at all
            yield world
            return
        operator = strings(fields.get("operName"))[-1] if fields.get("operName") else "="
        if True in wanted:
            for columns, there in self.selected(select, scope, world):
                if kind == "EXISTS_SUBLINK" or test is None or operator != "=":
                    yield there
                else:
                    yield from self._same(test, [term for _name, term in columns], scope, there)
        if wanted & NOT_YES and not self._always(select, test, scope, world):
            yield world

    def _same(self, test: Node, terms: list[object], scope: Scope, world: World) -> Iterator[World]:
        """The worlds in which what stands before IN equals a row."""
        tag, fields = only(test)
        nodes = fields["args"] if tag == "RowExpr" else [test]
        worlds = [world]
        for node, term in zip(nodes, terms, strict=False):
            worlds = [
                found
                for there in worlds
                for left, then in self.values(node, scope, there)
                for found in self.compared(left, term, then, YES)  # type: ignore[arg-type] # a term
            ]
        yield from worlds

    def _always(self, select: Node, test: Node | None, scope: Scope, world: World) -> bool:
        """Whether a sub-select certainly has a row, so that NOT EXISTS is false."""
        del test
        if "valuesLists" in select or aggregates(select):
            return True
        if select.get("fromClause") or select.get("larg"):
            return False
        condition = select.get("whereClause")
        return condition is None or not any(True for _ in self.truths(condition, scope, world, NOT_YES))
