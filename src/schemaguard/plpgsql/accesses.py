"""What a function does with tables: which it reads and which it changes, and the literals it sets columns against.

SQL and PL/pgSQL bodies are read, also SQL-standard ones, and EXECUTE as far as its text can be computed without
knowing arguments. What can't be is an access of its own, to relation 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from schemaguard.catalog.model import PUBLIC
from schemaguard.statements.statement import Statement

if TYPE_CHECKING:
    from schemaguard.catalog.model import Function
    from schemaguard.catalog.state import Catalog
    from schemaguard.text import Span

Command = Literal["select", "insert", "update", "delete", "truncate", "other", "unknown"]


class Access(NamedTuple):
    """One use of a relation: its oid (0 where that is not known), what is done to it, and where."""

    relation: int
    command: Command
    span: Span
    columns: tuple[str, ...] = ()


class ColumnLiteral(NamedTuple):
    """A string literal that a column is compared with or set to: `use` is compared or assigned."""

    relation: int
    column: str
    value: str
    use: str
    span: Span


class Uses(NamedTuple):
    """All that a function does with tables; `unread` says where and why something could not be followed."""

    accesses: tuple[Access, ...]
    literals: tuple[ColumnLiteral, ...]
    unread: tuple[tuple[Span, str], ...]

    def changed(self) -> set[int]:
        """The relations that it inserts into, updates, deletes from or truncates."""
        changing = ("insert", "update", "delete", "truncate")
        return {access.relation for access in self.accesses if access.command in changing}


def reads_and_writes(catalog: Catalog, function: Function, row_of: int = 0) -> Uses:
    """What a function does with tables; `row_of` is the table that a trigger function's NEW and OLD are rows of."""
    from schemaguard.plpgsql.body_statements import Assigned, body_statements  # loaded where a body is read
    from schemaguard.plpgsql.run_time import RunTimeSession
    from schemaguard.plpgsql.tables import StatementReader

    accesses: list[Access] = []
    literals: list[ColumnLiteral] = []
    unread: list[tuple[Span, str]] = []
    reader = StatementReader(RunTimeSession(catalog, function, function.owner or PUBLIC), row_of)
    for item in body_statements(catalog, function):
        if isinstance(item, Assigned):
            literals.extend(ColumnLiteral(*found) for found in reader.assigned(item.column, item.statement))
        elif isinstance(item, Statement):
            for relation, command, span, columns in reader.accesses(item):
                accesses.append(Access(relation, command, span, columns))  # type: ignore[arg-type]  # a Command
            literals.extend(ColumnLiteral(*found) for found in reader.literals(item))
        else:
            unread.append(item)
    return Uses(tuple(dict.fromkeys(accesses)), tuple(dict.fromkeys(literals)), tuple(unread))
