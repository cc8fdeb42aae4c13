"""Where the script is written to, and how things are spelled in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from schemaguard.catalog.facts.builder import Builder
from schemaguard.catalog.model import (
    Constraint,
    EventTrigger,
    Extension,
    Function,
    Index,
    Policy,
    Publication,
    Relation,
    Role,
    Rule,
    Schema,
    Trigger,
    Type,
)
from schemaguard.catalog.names import quote_identifier
from schemaguard.catalog.routines import identity_arguments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schemaguard.catalog.model import Expression, TypeRef
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Origin

_Record = TypeVar("_Record")

_RELATIONS = {"r": "TABLE", "p": "TABLE", "f": "FOREIGN TABLE", "v": "VIEW", "m": "MATERIALIZED VIEW",
              "S": "SEQUENCE", "i": "INDEX", "I": "INDEX", "c": "TYPE"}  # fmt: skip


class Writer:
    """Collects statements, and knows how objects of the catalog are named in them."""

    def __init__(self, catalog: Catalog) -> None:
        """Begin an empty script about `catalog`."""
        self.catalog = catalog
        self.build = Builder(catalog, locations=False)
        self.lines: list[str] = []

    def say(self, statement: str) -> None:
        """Add a statement, without its semicolon."""
        self.lines.append(f"{statement};")

    def cannot(self, what: str, reason: str) -> None:
        """Add a comment about something that is not written."""
        self.lines.append(f"-- not written: {' '.join(what.split())}: {' '.join(reason.split())}")

    def script(self) -> str:
        """All of it."""
        for unknown in self.build.unknown.values():
            self.cannot(unknown["path"], unknown["reason"])
        for doubt in self.catalog.unknown.values():
            self.lines.append(f"-- not known: {doubt.path}: {' '.join(doubt.reason.split())}")
        return "\n".join(self.lines) + "\n"

    def all(self, kind: type[_Record]) -> Iterator[_Record]:
        """The objects of users, in order of creation; what the config declares among them, for others may need it."""
        for record in self.catalog.all(kind):
            if isinstance(record, Relation | Function | Type) and not self.build.is_users(record):
                continue
            yield record

    # Names

    def role(self, oid: int) -> str:
        """A role, or PUBLIC."""
        return quote_identifier(self.catalog.owner_name(oid)) if oid else "PUBLIC"

    def name(self, record: Any) -> str:  # noqa: ANN401 - whatever is in a schema
        """A qualified name."""
        schema = quote_identifier(self.catalog.schema_name(record.schema))
        return f"{schema}.{quote_identifier(record.name)}"

    def relation(self, oid: int) -> str:
        """The qualified name of a relation."""
        return self.name(self.catalog.get(oid, Relation))

    def type(self, ref: TypeRef) -> str:
        """A type with its modifier."""
        return self.build.type(ref)

    def routine(self, function: Function) -> str:
        """A routine with the parameters that tell it from others."""
        return f"{self.name(function)}({identity_arguments(self.catalog, function)})"

    def columns(self, relation: Relation, numbers: Iterable[int]) -> str:
        """Some columns of a relation: ``a, b``."""
        found = (relation.column_at(number) for number in numbers)
        return ", ".join(quote_identifier(column.name) for column in found if column is not None)

    def collation(self, name: str) -> str:
        """A COLLATE clause; "" where there is none. The catalog has the name as it was written, without quotes."""
        schema, dot, rest = name.partition(".")
        parts = (schema, rest) if dot and schema in self.catalog.schemas else (name,)
        return f" COLLATE {'.'.join(map(quote_identifier, parts))}" if name else ""

    def text(self, what: str, expression: Expression | None, relation: Relation | None) -> str | None:
        """An expression; one that can't be printed is told of at the end."""
        return self.build.text((what,), expression, relation)

    def address(self, record: Any) -> str | None:  # noqa: ANN401 - any record, one return a kind
        """An object as ALTER and COMMENT name it: ``TABLE public.t``, ``POLICY p ON public.t``; None for others."""
        match record:
            case Relation():
                return f"{_RELATIONS[record.kind]} {self.name(record)}"
            case Function():
                word = (
                    "PROCEDURE" if record.kind == "p" else "AGGREGATE" if record.kind == "a" else "FUNCTION"
                )
                return f"{word} {self.routine(record)}"
            case Type():
                return f"{'DOMAIN' if record.kind == 'd' else 'TYPE'} {self.name(record)}"
            case Policy() | Trigger() | Rule():
                word = type(record).__name__.upper()
                return f"{word} {quote_identifier(record.name)} ON {self.relation(record.table)}"
            case Constraint() if record.domain:
                domain = self.name(self.catalog.get(record.domain, Type))
                return f"CONSTRAINT {quote_identifier(record.name)} ON DOMAIN {domain}"
            case Constraint():
                return f"CONSTRAINT {quote_identifier(record.name)} ON {self.relation(record.table)}"
            case Schema() | Role() | Extension() | Publication():
                return f"{type(record).__name__.upper()} {quote_identifier(record.name)}"
            case EventTrigger():
                return f"EVENT TRIGGER {quote_identifier(record.name)}"
        return None

    def as_written(self, record: Any) -> None:  # noqa: ANN401 - any record with `name` and `because`
        """Repeat the statement that made an object of which the catalog knows no more than that it is there."""
        origin: Origin | None = record.because
        what = f"{type(record).__name__.lower()} {record.name}"
        if origin is None:
            self.cannot(what, "no statement of the history made it")
        elif isinstance(record, Index | Function | Rule | Type) and not _mentions(origin, record.name):
            self.cannot(what, "it was renamed since, and only the statement that made it is known")
        else:
            statement = f"{origin.statement.sql};"
            if statement not in self.lines:
                self.lines.append(statement)


def _mentions(origin: Origin, name: str) -> bool:
    return name.lower() in origin.statement.sql.lower()


def literal(text: str) -> str:
    """A string constant."""
    quoted = "'" + text.replace("'", "''") + "'"
    return f"E{quoted.replace(chr(92), chr(92) * 2)}" if "\\" in text else quoted


def dollar_quoted(text: str) -> str:
    """A string constant in dollar quotes that do not occur in it."""
    tag = "$$"
    number = 0
    while tag in text or (number == 0 and text.endswith("$")):
        number += 1
        tag = f"$body{number}$"
    return f"{tag}{text}{tag}"
