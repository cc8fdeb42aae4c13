"""SELECT, INSERT, UPDATE, DELETE and MERGE as they stand in rules and in the bodies of functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.analysis.environment import Environment
from schemaguard.catalog.analysis.query import OutputColumn, output_column, unknown_part
from schemaguard.catalog.analysis.query_tree import Alias, Rte
from schemaguard.catalog.analysis.references import references
from schemaguard.catalog.analysis.transform.changes import CHANGES, transform_change
from schemaguard.catalog.analysis.transform.queries import transform_query
from schemaguard.catalog.analysis.transform.scope import ParseState, TableItem
from schemaguard.catalog.commands.nodes import only
from schemaguard.catalog.model import FIRST_USER_OID

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.query import Parameters
    from schemaguard.catalog.model import Relation
    from schemaguard.catalog.session import Session
    from schemaguard.statements.statement import Node

ANALYSED = CHANGES | {"SelectStmt"}
"""The statement kinds that `analyse_statement` takes."""


class AnalysedStatement(NamedTuple):
    """What a statement gives and needs.

    `columns`: of the result, or of RETURNING; None where it returns no rows at all. `depends`: (oid, column number
    or 0) of every user-defined object it names. `unknown`: why something about it can't be known, else "".
    `target`: the relation that it changes, 0 for none, `sets` the numbers of the columns that it sets, and `given` of
    those that it sets to anything but DEFAULT.
    """

    columns: list[OutputColumn] | None
    depends: set[tuple[int, int]]
    unknown: str
    target: int = 0
    sets: tuple[int, ...] = ()
    given: tuple[int, ...] = ()


def analyse_statement(
    session: Session, node: Node, *, parameters: Parameters | None = None, old_new: Relation | None = None
) -> AnalysedStatement:
    """Analyse a statement given as ``{tag: fields}``.

    `parameters`: of the function that it stands in. `old_new`: the relation whose rows OLD and NEW are, in the action
    of a rule.

    Raises:
        Refused: the server would refuse it.
        Opaque: it holds what is not analysed.
    """
    environment = Environment(session)
    outer = ParseState(environment)
    outer.parameters = parameters
    target = 0
    sets: tuple[int, ...] = ()
    given: tuple[int, ...] = ()
    rows = [] if old_new is None else _add_rows(outer, old_new)
    if only(node)[0] in CHANGES:
        change = transform_change(ParseState(environment, outer), node)
        query = change.query()
        depends = set(references(session.catalog, query))
        if change.relation.oid >= FIRST_USER_OID:
            depends |= {(change.relation.oid, number) for number in change.columns}
        target, sets, given = change.relation.oid, tuple(change.columns), tuple(change.given)
        returning = [output_column(session.catalog, target) for target in change.returning]
        columns = returning or None
    else:
        query = transform_query(environment, node, outer)
        depends = set(references(session.catalog, query))
        columns = [output_column(session.catalog, target) for target in query.outputs]
    for row in rows:
        depends |= {(row.relation.oid, number) for number in row.used.values() if number > 0}
    return AnalysedStatement(columns, depends, unknown_part(query), target, sets, given)


def _add_rows(state: ParseState, relation: Relation) -> list[TableItem]:
    """Make OLD and NEW visible by name; their columns need it."""
    items: list[TableItem] = []
    for name in ("old", "new"):
        rte = Rte(
            kind="relation",
            name=relation.name,
            alias=Alias(name),
            relation=relation.oid,
            relation_kind=relation.kind,
        )
        item = TableItem(state.add(rte), rte, relation)
        item.columns = False
        items.append(item)
    state.namespace += items
    return items
