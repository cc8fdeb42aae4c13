"""Policy predicates understood from their expression trees: what they bind, and when they are true."""

from __future__ import annotations

import uuid
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from schemaguard.linting.questions.columns import is_not_null
from schemaguard.linting.questions.logic.base import NOT_YES, YES
from schemaguard.linting.questions.logic.scopes import Row, Scope
from schemaguard.linting.questions.logic.worlds import NULL, SETTING, TENANT, Symbol, Term, World

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from schemaguard.catalog.model import Expression, Relation, View
    from schemaguard.catalog.state import Catalog
    from schemaguard.linting.questions.logic.solver import Solver
    from schemaguard.statements.statement import Node


Answer = TypeVar("Answer")


class Question(NamedTuple):
    """What a predicate is asked about.

    `table` and `column`: whose rows, and the attribute number that tells tenants apart. `column_name`: what that column
    is called in other tables. `setting` holds the current tenant, None where none is agreed and any will do;
    `functions` are the names of functions that return it. `type` is that of the tenants' key.
    """

    catalog: Catalog
    table: Relation
    column: int
    column_name: str
    setting: str | None
    functions: tuple[str, ...] = ()
    type: str = "uuid"

    @property
    def can_be_null(self) -> bool:
        """Whether a row can belong to no tenant."""
        column = self.table.column_at(self.column)
        return column is not None and not is_not_null(self.catalog, column)

    @property
    def fixed(self) -> tuple[Hashable, ...]:
        """What the answer depends on beside the predicate and what its names mean."""
        return self.can_be_null, self.column_name, self.setting, self.functions, self.type

    def solver(self, tenant: Term) -> Solver:
        """A solver for a session in which the setting holds `tenant`."""
        from schemaguard.linting.questions.logic.solver import Solver  # it loads the parser

        return Solver(self.catalog, tenant, self.setting, self.functions)


class Predicate(NamedTuple):
    """A predicate's tree and what its names mean; `key`: that of another one is the same where the answers are."""

    expression: Expression
    node: Node
    scope: Scope
    key: Hashable


def _once(
    answer: Callable[[Predicate, Question], Answer],
) -> Callable[[Expression, Question], Answer]:
    """Answer a question about a predicate once: the policies of many tables say the same."""

    @wraps(answer)
    def remembered(expression: Expression, question: Question) -> Answer:
        predicate = read(expression, question)
        known = question.catalog.derived
        asked = (answer, predicate.key, question.fixed)
        if asked not in known:
            known[asked] = answer(predicate, question)
        found: Answer = known[asked]
        return found

    return remembered


@_once
def binds(predicate: Predicate, question: Question) -> bool:
    """Whether the predicate is true for no row of another tenant (nor of none, if there can be) while one is set."""
    solver = question.solver(SETTING)
    others = _present(SETTING, TENANT).differ(TENANT, SETTING)
    nobodys = _present(SETTING).equal(TENANT, NULL) if question.can_be_null else None
    return all(
        found is not None and _linked(found, solver, question)
        for world in (others, nobodys)
        if world is not None
        for found in solver.solutions(predicate.node, predicate.scope, world)
    )


def _present(*terms: Term) -> World:
    return World((), frozenset(frozenset((term, absent)) for term in terms for absent in (NULL, "")))


def _linked(world: World, solver: Solver, question: Question) -> bool:
    """Whether the row belongs, by unique keys of other tables, to a row that is the tenant's.

    Where no setting is agreed, any tie between row and session will do.
    """
    reached: set[Hashable] = {"row"}
    pending: list[Hashable] = ["row"]
    while pending:
        owner = pending.pop()
        for group in world.groups:
            members = [term for term in group if isinstance(term, Symbol)]
            if not any(term.owner == owner for term in members):
                continue
            if SETTING in group and _tells(solver, owner, members, question):
                return True
            for term in members:
                if (
                    term.owner in solver.rows
                    and term.owner not in reached
                    and _is_key(solver, term, question)
                ):
                    reached.add(term.owner)
                    pending.append(term.owner)
    return False


def _tells(solver: Solver, owner: Hashable, members: list[Symbol], question: Question) -> bool:
    """Whether a column of a row that equals the setting says whose the row is."""
    if question.setting is None:
        return True
    relation = solver.rows.get(owner)
    wanted = relation.column(question.column_name) if relation is not None else None
    return wanted is not None and Symbol(owner, wanted.number) in members


def _is_key(solver: Solver, term: Symbol, question: Question) -> bool:
    """Whether a column of another table is a key of its own there; where no setting is agreed, any column is taken."""
    if question.setting is None:
        return True
    return any(
        index.unique and index.predicate is None and [key.number for key in index.keys] == [term.name]
        for index in question.catalog.indexes(solver.rows[term.owner].oid)
    )


class Opening(NamedTuple):
    """A session without a tenant in which rows are seen: the setting was never set (NULL) or reads as "".

    `literal`: the tenant that it works as then, None where it is not one only.
    """

    value: Term
    literal: str | None


@_once
def fails_open(predicate: Predicate, question: Question) -> Opening | None:
    """The session without a tenant in which the predicate lets rows through, for want of a tenant; else None."""
    node, scope = predicate.node, predicate.scope
    bound = binds(predicate.expression, question)
    for value in (NULL, ""):
        if not bound and (
            _can_refuse(node, scope, question, value) or not _can_refuse(node, scope, question, SETTING)
        ):
            continue
        found = [
            world.value(TENANT)
            for world in question.solver(value).solutions(node, scope, _present(TENANT))
            if world is not None and _could_be(world.value(TENANT), question.type)
        ]
        if found:
            first = found[0]
            return Opening(value, first if isinstance(first, str) and len(set(found)) == 1 else None)
    return None


def _can_refuse(node: Node, scope: Scope, question: Question, value: Term) -> bool:
    """Whether the predicate is not true for some row in a session."""
    world = _present(TENANT, SETTING) if value == SETTING else _present(TENANT)
    return next(question.solver(value).solutions(node, scope, world, NOT_YES), None) is not None


def _could_be(term: Term, tenant_type: str) -> bool:
    """Whether a value can be a tenant's key."""
    if not isinstance(term, str):
        return True
    if tenant_type == "uuid":
        try:
            uuid.UUID(term)
        except ValueError:
            return False
        return True
    if tenant_type in ("integer", "bigint", "smallint", "int", "int4", "int8"):
        return term.lstrip("-").isdigit()
    return term != ""


@_once
def errors(predicate: Predicate, question: Question) -> list[str]:
    """Why the predicate may raise an error in a session without a setting, whichever it reads."""
    found: list[str] = []
    for value in (NULL, ""):
        solver = question._replace(setting=None, functions=()).solver(value)
        for _world in solver.solutions(predicate.node, predicate.scope, _present(TENANT), YES | NOT_YES):
            pass
        found += solver.errors
    return found


def view_binds(view: View, question: Question) -> bool:
    """Whether a view gives no row of another tenant, by its own conditions."""
    if view.query is None:
        return False
    solver = question.solver(SETTING)
    solver.tenant_column = question.column_name
    world = _present(SETTING, TENANT).differ(TENANT, SETTING)
    select = view.query.node.get("SelectStmt", view.query.node)
    return world is not None and not any(True for _ in solver.rows_of(select, world))


def read(expression: Expression, question: Question) -> Predicate:
    """The tree of a predicate with today's names, where it can be printed with them; and what these mean."""
    known = question.catalog.derived
    asked = (read, id(expression), question.table.oid, question.column)
    if asked not in known:
        known[asked] = _read(expression, question)  # it holds the expression, so that its id stays its own
    found: Predicate = known[asked]
    return found


def _read(expression: Expression, question: Question) -> Predicate:
    from schemaguard.catalog.analysis.deparse import expression_text
    from schemaguard.catalog.errors import Opaque

    table = question.table
    names = {column.name: column.number for column in table.columns}
    text, node, used = "", None, None
    try:
        text = expression_text(question.catalog, expression, table)
        node, used = _parsed(text)
    except Opaque:
        pass
    if node is None:
        node, names = expression.node, {**names, **dict(expression.columns)}
    columns: dict[str, Term] = {
        name: TENANT if number == question.column else Symbol("row", number) for name, number in names.items()
    }
    scope = Scope(({table.name: Row(columns, relation=table, key="row")},))
    if used is None:  # it reads tables, or names its own: what its names mean depends on which one that is
        return Predicate(expression, node, scope, (id(expression), table.oid))
    return Predicate(expression, node, scope, (text, tuple((name, columns.get(name)) for name in used)))


@lru_cache(maxsize=1024)
def _parsed(text: str) -> tuple[Node | None, tuple[str, ...] | None]:
    """The tree of an expression, and the columns that it names; None for these where they are not all it names."""
    from schemaguard.statements.fragments import parse_expression  # it loads the parser

    node = parse_expression(text)
    references = [fields["fields"] for fields in walk(node, "ColumnRef")]
    if any(walk(node, "RangeVar")) or any(len(parts) > 1 or "String" not in parts[0] for parts in references):
        return node, None
    return node, tuple(sorted({parts[0]["String"]["sval"] for parts in references}))


def walk_all(node: Node, *wanted: str) -> list[list[Node]]:
    """The fields of every node of some kinds in a tree, a list for each kind, from one walk; outermost first."""
    found: dict[str, list[Node]] = {kind: [] for kind in wanted}
    stack: list[Any] = [node]
    while stack:
        item = stack.pop()
        if type(item) is dict:
            for kind in found.keys() & item.keys():
                found[kind].append(item[kind])
            stack.extend([each for each in reversed(item.values()) if type(each) in _INNER])
        else:
            stack.extend(reversed(item))
    return list(found.values())


def walk(node: Any, wanted: str, *, into_sub_selects: bool = True) -> Iterator[Node]:  # noqa: ANN401 - a tree
    """The fields of every node of a kind in a tree, outermost first."""
    stack = [node]
    while stack:
        item = stack.pop()
        if type(item) is dict:
            if wanted in item:
                yield item[wanted]
            if not into_sub_selects and "SubLink" in item:
                stack.append(item["SubLink"].get("testexpr"))
                continue
            stack.extend([each for each in reversed(item.values()) if type(each) in _INNER])
        elif type(item) is list:
            stack.extend(reversed(item))


_INNER = (dict, list)
"""What holds nodes: most values of a tree are names, numbers and flags."""
