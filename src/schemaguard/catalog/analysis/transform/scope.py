"""What names are visible while a query or expression is analysed (`parse_relation.c`, `parse_node.h`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.analysis.tree import Expr, Var
from schemaguard.catalog.analysis.type_info import row_type_number
from schemaguard.catalog.builtin.types import OID, RECORD
from schemaguard.catalog.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.catalog.analysis.query_tree import CommonTable, Query, Rte, Target
    from schemaguard.catalog.model import Column, Relation
    from schemaguard.statements.statement import Node

AMBIGUOUS_COLUMN = "42702"
AMBIGUOUS_ALIAS = "42P09"
INVALID_REFERENCE = "42P01"

SYSTEM_COLUMNS = {
    "ctid": (-1, 27), "xmin": (-2, 28), "cmin": (-3, 29), "xmax": (-4, 28), "cmax": (-5, 29), "tableoid": (-6, OID),
}  # fmt: skip
"""Attribute number and type of the columns that every table has."""


class NamespaceItem:
    """A relation of FROM as names see it: its name, and its columns as expressions.

    `tables` and `columns`: whether it can be named, and whether its columns can without it. `lateral_only`: only from
    LATERAL; `lateral_ok`: not from the wrong side of an outer join.
    """

    __slots__ = (
        "columns",
        "index",
        "lateral_ok",
        "lateral_only",
        "level",
        "name",
        "names",
        "rte",
        "tables",
        "vars",
    )

    def __init__(self, index: int, rte: Rte, names: list[str], variables: list[Expr]) -> None:
        """Take the place in the range table, the entry, and its columns' names and expressions."""
        self.index = index
        self.rte = rte
        self.name = rte.alias.name if rte.alias else rte.name
        self.names = names
        self.vars = variables
        self.tables = self.columns = True
        self.lateral_only = False
        self.lateral_ok = True

    def find(self, name: str) -> Expr | None:
        """The column of that name.

        Raises:
            Refused: several columns have it.
        """
        names = self.names
        if name not in names:
            return self.system_column(name)
        at = names.index(name)
        if names.count(name) > 1:
            raise Refused(AMBIGUOUS_COLUMN, f'column reference "{name}" is ambiguous')
        return self.vars[at]

    def system_column(self, name: str) -> Expr | None:
        """The system column of that name, of a table."""
        found = SYSTEM_COLUMNS.get(name)
        if found is None or self.rte.kind != "relation" or self.rte.relation_kind == "v":
            return None
        return Var(found[1], relation=self.index, attribute=found[0])

    def all_columns(self) -> Iterator[tuple[str, Expr]]:
        """Name and expression of each column, in order."""
        return zip(self.names, self.vars, strict=True)


class TableItem(NamespaceItem):
    """The one table that an expression of its own is about: columns are made into nodes only as they are named."""

    __slots__ = ("environment", "relation", "used")

    def __init__(self, index: int, rte: Rte, relation: Relation) -> None:
        """Take the table; `used` will hold the columns that were named."""
        super().__init__(index, rte, [], [])
        self.relation = relation
        self.used: dict[str, int] = {}

    def find(self, name: str) -> Expr | None:
        """The column of that name."""
        for column in self.relation.columns:
            if column.name == name:
                self.used[name] = column.number
                return self.variable(column)
        found = self.system_column(name)
        if found is not None:
            self.used[name] = found.attribute  # type: ignore[attr-defined]  # a Var
        return found

    def variable(self, column: Column) -> Var:
        """A reference to a column."""
        of = column.type
        return Var(-of.oid if of.array else of.oid, of.typmod, relation=self.index, attribute=column.number)

    def all_columns(self) -> Iterator[tuple[str, Expr]]:
        """Name and expression of each column, in order."""
        for column in self.relation.columns:
            self.used[column.name] = column.number
            yield column.name, self.variable(column)


class ParseState:
    """One query level, or an expression on its own.

    `kind` says in which clause an expression stands, as messages name it ("WHERE", "check constraints"). `parent` is
    the query around this one. `value`: what VALUE means in a domain's CHECK; `parameters`: a function's. `windows`:
    raw definitions until the query's clauses are done. `subqueries`: of sub-selects, by the identity of their nodes.
    `keep_unknown`: untyped literals among the targets stay so, for a UNION to decide. `recursive_columns`: to be told
    the columns of the first part of a WITH RECURSIVE query.
    """

    __slots__ = (
        "aggregates",
        "ctes",
        "environment",
        "keep_unknown",
        "kind",
        "lateral",
        "namespace",
        "parameters",
        "parent",
        "recursive_columns",
        "rtes",
        "sets",
        "sublinks",
        "subqueries",
        "targets",
        "value",
        "windows",
        "windows_used",
    )  # fmt: skip

    def __init__(
        self, environment: Environment, parent: ParseState | None = None, kind: str = "SELECT"
    ) -> None:
        """Begin a query inside `parent`, or a new one."""
        self.environment = environment
        self.parent = parent
        self.kind = kind
        self.rtes: list[Rte] = []
        self.namespace: list[NamespaceItem] = []
        self.ctes: list[CommonTable] = []
        self.lateral = self.keep_unknown = False
        self.recursive_columns: Callable[[list[Target]], None] | None = None
        self.subqueries: dict[int, Query] = {}
        self.windows: list[Node] = []
        self.aggregates = self.windows_used = self.sublinks = self.sets = False
        self.targets: list[Target] = []
        self.value: Expr | None = parent.value if parent is not None else None
        self.parameters: Any = parent.parameters if parent is not None else None

    def levels(self) -> Iterator[tuple[int, ParseState]]:
        """This level and those around it, each with how many levels up it is."""
        level, state = 0, self
        while True:
            yield level, state
            if state.parent is None:
                return
            level, state = level + 1, state.parent

    def add(self, rte: Rte) -> int:
        """Put an entry into the range table; its index, from 1."""
        self.rtes.append(rte)
        return len(self.rtes)


def raised(expr: Expr, level: int) -> Expr:
    """A column of a query `level` levels up, as it is referred to from here."""
    if level == 0:
        return expr
    from schemaguard.catalog.analysis.walk import shift_levels

    return shift_levels(expr, level)


def find_column(state: ParseState, name: str, offset: int = -1) -> Expr | None:
    """The column that a bare name means, from the innermost level outwards (`colNameToVar`).

    Raises:
        Refused: it is ambiguous.
    """
    if state.parent is None and len(state.namespace) == 1:
        return state.namespace[0].find(name)  # an expression about one table
    for level, found_in in state.levels():
        found: Expr | None = None
        for item in found_in.namespace:
            if not item.columns or (item.lateral_only and not found_in.lateral):
                continue
            column = item.find(name)
            if column is None:
                continue
            if found is not None:
                raise Refused(AMBIGUOUS_COLUMN, f'column reference "{name}" is ambiguous', offset=offset)
            _check_lateral(item, offset)
            found = column
        if found is not None:
            return raised(found, level)
    return None


def find_item(
    state: ParseState, name: str, schema: str | None = None, offset: int = -1
) -> tuple[NamespaceItem, int] | None:
    """The relation of FROM that a name means, and how many levels up it is (`refnameNamespaceItem`).

    Raises:
        Refused: it is ambiguous.
    """
    relation = _relation_named(state, schema, name) if schema is not None else 0
    if schema is not None and not relation:
        return None
    for level, found_in in state.levels():
        found: NamespaceItem | None = None
        for item in found_in.namespace:
            if not item.tables or (item.lateral_only and not found_in.lateral):
                continue
            if relation:
                if item.rte.relation != relation or item.rte.alias is not None:
                    continue
            elif item.name != name:
                continue
            if found is not None:
                raise Refused(AMBIGUOUS_ALIAS, f'table reference "{name}" is ambiguous', offset=offset)
            _check_lateral(item, offset)
            found = item
        if found is not None:
            return found, level
    return None


def _relation_named(state: ParseState, schema: str | None, name: str) -> int:
    from schemaguard.catalog.analysis.relations import find_relation

    node: Node = {"relname": name, "schemaname": schema}
    found = find_relation(state.environment.session, node)
    return found.oid if found is not None else 0


def _check_lateral(item: NamespaceItem, offset: int) -> None:
    if item.lateral_only and not item.lateral_ok:
        raise Refused(
            "42P10",
            f'invalid reference to FROM-clause entry for table "{item.name}"',
            detail="The combining JOIN type must be INNER or LEFT for a LATERAL reference.",
            offset=offset,
        )


def whole_row(state: ParseState, item: NamespaceItem, level: int) -> Expr:
    """A reference to all of a relation's columns as one value (`transformWholeRowRef`)."""
    from schemaguard.catalog.analysis.type_info import relation_at

    rte = item.rte
    catalog = state.environment.catalog
    if isinstance(item, TableItem):
        for column in item.relation.columns:
            item.used.setdefault(column.name, column.number)
        return Var(row_type_number(catalog, item.relation), relation=item.index, attribute=0, level=level)
    if rte.kind == "relation":
        relation = relation_at(catalog, rte.relation)
        number = row_type_number(catalog, relation) if relation is not None else RECORD
        return Var(number, relation=item.index, attribute=0, level=level)
    if rte.kind == "function" and len(rte.functions) == 1 and not rte.ordinality:
        call = rte.functions[0].call
        if state.environment.info(call.type).relation:
            return Var(call.type, call.typmod, relation=item.index, attribute=0, level=level)
        if state.environment.info(call.type).kind != "p" and not rte.functions[0].definitions:
            return Var(call.type, call.typmod, relation=item.index, attribute=1, level=level)
    return Var(RECORD, relation=item.index, attribute=0, level=level)


def refuse_missing_item(state: ParseState, name: str, offset: int = -1) -> Refused:
    """The server's answer to a reference to a table that is not in FROM."""
    for _level, found_in in state.levels():
        for rte in found_in.rtes:
            if rte.in_from and (rte.alias.name if rte.alias else rte.name) == name:
                return Refused(
                    INVALID_REFERENCE,
                    f'invalid reference to FROM-clause entry for table "{name}"',
                    offset=offset,
                )
            if rte.kind == "relation" and rte.alias is not None and rte.name == name:
                return Refused(
                    INVALID_REFERENCE,
                    f'invalid reference to FROM-clause entry for table "{name}"',
                    hint=f'Perhaps you meant to reference the table alias "{rte.alias.name}".',
                    offset=offset,
                )
    return Refused(INVALID_REFERENCE, f'missing FROM-clause entry for table "{name}"', offset=offset)
