"""What names mean inside of a condition: the rows in sight, parameters, common tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.linting.questions.logic.worlds import Symbol, Term

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from schemaguard.catalog.model import Relation
    from schemaguard.statements.statement import Node


class Row(NamedTuple):
    """A row of FROM, or of the policy's own table, by the names of its columns.

    `whole`: whether `columns` are all it has; else any other name is a column of it, too. `relation`: the table.
    """

    columns: Mapping[str, Term]
    whole: bool = True
    relation: Relation | None = None
    key: Hashable = None

    def column(self, name: str) -> tuple[bool, Term]:
        """Whether it has that column, and the column."""
        if name in self.columns:
            return True, self.columns[name]
        return (False, None) if self.whole else (True, Symbol(self.key, name))


class Scope(NamedTuple):
    """Names in sight. `rows`: by alias, the innermost query first. `variables`: a function's, by name and as ``$1``."""

    rows: tuple[Mapping[str, Row], ...] = ()
    variables: Mapping[str, Term] = {}
    common: Mapping[str, tuple[Node, Scope]] = {}
    depth: int = 0

    def inside(self) -> Scope:
        """The scope of a sub-select, with no rows of its own yet."""
        return self._replace(rows=({}, *self.rows))

    def with_row(self, alias: str, row: Row) -> Scope:
        """The scope with another row in the innermost query."""
        return self._replace(rows=({**self.rows[0], alias: row}, *self.rows[1:]))

    def resolve(self, parts: list[str]) -> tuple[bool, Term]:
        """Whether a column reference is known here, and what it means."""
        *before, name = parts
        if before:
            for rows in self.rows:
                if before[-1] in rows:
                    return rows[before[-1]].column(name)
            return (True, self.variables[name]) if name in self.variables else (False, None)
        for certain in (True, False):
            for rows in self.rows:
                for row in rows.values():
                    if row.whole or name in row.columns or not certain:
                        known, term = row.column(name)
                        if known:
                            return known, term
            if certain and name in self.variables:
                return True, self.variables[name]
        return False, None
