"""Names that the server chooses: constraints, indexes, sequences, 63 bytes at most."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from schemaguard.catalog.state import Catalog

NAME_BYTES = 63
"""Longest identifier in bytes: NAMEDATALEN - 1."""


def truncate(name: str, length: int = NAME_BYTES) -> str:
    """`name` cut to `length` bytes, at a character's border, as `truncate_identifier` does it."""
    if len(name) * 4 <= length:
        return name
    encoded = name.encode()
    return name if len(encoded) <= length else encoded[:length].decode(errors="ignore")


def make_object_name(first: str, second: str, label: str) -> str:
    """`first_second_label`, the longer of the first two cut until it all fits (`makeObjectName`)."""
    overhead = (len(label.encode()) + 1 if label else 0) + (1 if second else 0)
    room = NAME_BYTES - overhead
    first_bytes, second_bytes = len(first.encode()), len(second.encode())
    while first_bytes + second_bytes > room:
        if first_bytes > second_bytes:
            first_bytes -= 1
        else:
            second_bytes -= 1
    parts = [truncate(first, first_bytes), *([truncate(second, second_bytes)] if second else [])]
    return "_".join([*parts, label] if label else parts)


def choose_relation_name(
    catalog: Catalog, schema: int, first: str, second: str, label: str, *, for_constraint: bool = False
) -> str:
    """A free relation name (`ChooseRelationName`); one for a constraint's index must be free as a constraint's, too."""
    number = 0
    while True:
        name = make_object_name(first, second, f"{label}{number}" if number else label)
        if (schema, name) not in catalog.relations and not (
            for_constraint and catalog.constraint_names.get((schema, name))
        ):
            return name
        number += 1


def choose_constraint_name(
    catalog: Catalog, schema: int, first: str, second: str, label: str, others: Collection[str] = ()
) -> str:
    """A constraint name that is free in the schema and not in `others` (`ChooseConstraintName`)."""
    number = 0
    while True:
        name = make_object_name(first, second, f"{label}{number}" if number else label)
        if name not in others and not catalog.constraint_names.get((schema, name)):
            return name
        number += 1


def name_addition(columns: Iterable[str]) -> str:
    """The middle part of an index's or foreign key's name: its columns, up to 63 bytes."""
    joined = ""
    for column in columns:
        joined = f"{joined}_{column}" if joined else column
        if len(joined.encode()) > NAME_BYTES:
            return truncate(joined)
    return joined


def choose_index_columns(names: Iterable[str]) -> list[str]:
    """Distinct names for an index's columns; a repeated one gets a number (`ChooseIndexColumnNames`)."""
    chosen: list[str] = []
    for name in names:
        candidate, number = name, 1
        while candidate in chosen:
            suffix = str(number)
            candidate = truncate(name, NAME_BYTES - len(suffix)) + suffix
            number += 1
        chosen.append(candidate)
    return chosen


def quote_identifier(name: str) -> str:
    """The name as SQL needs it written: quoted where `needs_quotes` says so."""
    return '"' + name.replace('"', '""') + '"' if needs_quotes(name) else name


def needs_quotes(name: str) -> bool:
    """Whether the server prints the name in quotes: it is not lower case, not plain, or a keyword."""
    plain = (
        name.isascii() and name.replace("_", "a").isalnum() and name == name.lower() and not name[0].isdigit()
    )
    return not plain or name in _quoted_keywords()


def _quoted_keywords() -> frozenset[str]:
    from schemaguard.statements.keywords import QUOTED_KEYWORDS

    return QUOTED_KEYWORDS
