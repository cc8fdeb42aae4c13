"""Function calls: settings, what passes a value on, and functions that the history defines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import only
from schemaguard.linting.questions.logic.base import MAX_DEPTH, Base, Found
from schemaguard.linting.questions.logic.rewriting import aggregates
from schemaguard.linting.questions.logic.scopes import Scope
from schemaguard.linting.questions.logic.worlds import NULL, Symbol, Term, World
from schemaguard.plpgsql.language.parser import parse_body
from schemaguard.plpgsql.language.tokens import BodyError
from schemaguard.statements.fragments import parse_expression
from schemaguard.statements.parse import Unparsed, parse
from schemaguard.text import SourceFile, SqlText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Function
    from schemaguard.statements.statement import Node

PASSING = frozenset((
    "lower", "upper", "btrim", "trim", "ltrim", "rtrim", "uuid", "text", "to_text", "string_to_array", "unnest",
    "regexp_split_to_table", "string_to_table", "jsonb_array_elements_text", "json_array_elements_text", "to_jsonb",
))  # fmt: skip
"""Functions that pass on what tells tenants apart: another writing of it, or its parts."""
COUNTS = frozenset(("num_nulls", "num_nonnulls"))
LENGTHS = frozenset(("length", "char_length", "character_length", "octet_length"))


class Routines(Base):
    """Solves function calls."""

    def called(self, names: list[str], arguments: list[Node], scope: Scope, world: World) -> Iterator[Found]:
        """The values that a function call can have; of a set, those of its rows."""
        name = names[-1]
        if any(wanted in (".".join(names), name) for wanted in self.functions):
            yield self.session_value, world
            return
        for terms, there in self._arguments(arguments, scope, world):
            if name == "current_setting" and names[:-1] in ([], ["pg_catalog"]):
                yield from self._setting([term for _name, term in terms], there)
            elif name in PASSING and names[:-1] in ([], ["pg_catalog"]) and terms:
                yield _passed(name, there.value(terms[0][1])), there
            elif name in COUNTS:
                yield self._count([term for _name, term in terms], there, nulls=name == "num_nulls"), there
            elif name in LENGTHS and len(terms) == 1:
                yield from self._length(terms[0][1], there)
            else:
                yield from self._defined(names, terms, scope, there)

    def _arguments(
        self, nodes: list[Node], scope: Scope, world: World
    ) -> Iterator[tuple[list[tuple[str, Term]], World]]:
        if not nodes:
            yield [], world
            return
        tag, fields = only(nodes[0])
        name = fields["name"] if tag == "NamedArgExpr" else ""
        for term, there in self.values(nodes[0], scope, world):
            for rest, then in self._arguments(nodes[1:], scope, there):
                yield [(name, term), *rest], then

    def _setting(self, terms: list[Term], world: World) -> Iterator[Found]:
        name = world.value(terms[0])
        forgiving = len(terms) > 1 and world.value(terms[1]) in (True, "t", "true")
        is_tenant = self.setting is None or (isinstance(name, str) and name.lower() == self.setting.lower())
        if not is_tenant:
            yield Symbol("setting", name if isinstance(name, str) else terms[0]), world
        elif self.tenant is not NULL or forgiving:
            yield self.tenant, world
        else:
            self.fails("`current_setting` with one argument is an error where the setting was never set")

    def _count(self, terms: list[Term], world: World, *, nulls: bool) -> Term:
        """How many of some values are NULL, or are not; unknown where that is not known of each."""
        known = [world.value(term) for term in terms]
        if any(isinstance(value, Symbol) and world.present(value) != world for value in known):
            return self.fresh("count")
        return str(sum((value is NULL) == nulls for value in known))

    def _length(self, term: Term, world: World) -> Iterator[Found]:
        """The length of a text; of what is not known, any but 0 where it is not empty."""
        known = world.value(term)
        if not isinstance(known, Symbol):
            yield (str(len(known)) if isinstance(known, str) else NULL), world
            return
        found = self.fresh("length")
        there = world.differ(found, "0") if world.differ(term, "") == world else world
        yield found, there if there is not None else world

    # Functions of the history

    def _defined(
        self, names: list[str], terms: list[tuple[str, Term]], scope: Scope, world: World
    ) -> Iterator[Found]:
        candidates = [function for function in self._named(names) if (_filled(function, terms) is not None)]
        if not candidates or scope.depth >= MAX_DEPTH:
            yield Symbol(("function", *names), tuple(terms)), world
            return
        for function in candidates:
            variables = _filled(function, terms) or {}
            inner = Scope(variables=variables, depth=scope.depth + 1)
            try:
                found = list(self._result(function, inner, world))
            except NotFollowed:
                found = [(Symbol(("function", *names), tuple(terms)), world)]
            yield from found

    def _named(self, names: list[str]) -> Iterator[Function]:
        for (schema, name), oids in list(self.catalog.functions.items()):
            if name != names[-1] or (len(names) > 1 and self.catalog.schema_name(schema) != names[-2]):
                continue
            for oid in oids:
                yield self.catalog.objects[oid]

    def _result(self, function: Function, scope: Scope, world: World) -> Iterator[Found]:
        if function.strict and any(world.value(term) is NULL for term in scope.variables.values()):
            yield NULL, world
        elif function.body_nodes:
            yield from self._statement(function, function.body_nodes[-1], scope, world)
        elif function.language == "sql":
            statements = parse(SqlText.whole_file(SourceFile("", function.body)))
            last = statements[-1] if statements else None
            if last is None or isinstance(last, Unparsed):
                raise NotFollowed
            yield from self._statement(function, {last.kind: last.node}, scope, world)
        elif function.language == "plpgsql":
            yield from self.ran(_body(function.body), scope, world, is_set=function.returns_set)
        else:
            raise NotFollowed

    def _statement(self, function: Function, node: Node, scope: Scope, world: World) -> Iterator[Found]:
        """What the last statement of a SQL function gives."""
        if "ReturnStmt" in node:
            yield from self.values(node["ReturnStmt"]["returnval"], scope, world)
            return
        if "SelectStmt" not in node:
            raise NotFollowed
        select = node["SelectStmt"]
        for columns, there in self.selected(select, scope, world):
            yield (columns[0][1] if columns else NULL), there
        restricted = select.get("fromClause") or select.get("whereClause")
        if restricted and not aggregates(select) and not function.returns_set:
            yield NULL, world

    def ran(self, body: object, scope: Scope, world: World, *, is_set: bool) -> Iterator[Found]:
        """What a PL/pgSQL body returns: see `Bodies`."""
        raise NotImplementedError

    def expression(self, text: str) -> Node:
        """The tree of an expression.

        Raises:
            NotFollowed: it is none.
        """
        node = parse_expression(re.sub(r"^\s*SELECT\s+", "", text, flags=re.IGNORECASE))
        if node is None:
            raise NotFollowed
        return node

    def query(self, text: str) -> Node:
        """The fields of the SELECT that a text is.

        Raises:
            NotFollowed: it is something else.
        """
        statements = parse(SqlText.whole_file(SourceFile("", text)))
        if len(statements) != 1 or isinstance(statements[0], Unparsed) or statements[0].kind != "SelectStmt":
            raise NotFollowed
        return statements[0].node


class NotFollowed(Exception):  # noqa: N818 - says what is so
    """What a function returns can't be told from its body."""


def _body(text: str) -> object:
    try:
        return parse_body(text)
    except BodyError:
        raise NotFollowed from None


def _passed(name: str, term: Term) -> Term:
    if isinstance(term, str):
        return {"lower": str.lower, "upper": str.upper}.get(name, str.strip)(term)
    return term


def _filled(function: Function, terms: list[tuple[str, Term]]) -> dict[str, Term] | None:
    """The parameters of a function with the arguments of a call, by name and number; None where they don't fit."""
    inputs = function.inputs
    lacking = any(argument.default is None for argument in inputs[len(terms) :])
    if len(terms) > len(inputs) or (lacking and not any(name for name, _term in terms)):
        return None
    found: dict[str, Term] = {}
    for number, (name, term) in enumerate(terms, 1):
        at = next((n for n, one in enumerate(inputs, 1) if name and one.name == name), 0 if name else number)
        if not 1 <= at <= len(inputs):
            return None
        found[f"${at}"] = term
        if inputs[at - 1].name:
            found[inputs[at - 1].name] = term
    return found
