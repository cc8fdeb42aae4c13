"""The objects of findings: in words for people, and by name for keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.describe import RELATION_WORDS
from schemaguard.catalog.model import (
    Constraint,
    Extension,
    Function,
    Other,
    Policy,
    Relation,
    Role,
    Rule,
    Schema,
    Trigger,
    Type,
)

if TYPE_CHECKING:
    from schemaguard.catalog.model import Column
    from schemaguard.catalog.state import Catalog

_TYPE_WORDS = {"d": "domain"}
_ROUTINE_WORDS = {"p": "procedure", "a": "aggregate"}


class Named(NamedTuple):
    """An object in words (``table public.orders``) and by name (``public.orders``), always with its schema.

    `owners`: names of what it is a part of (the table of a column or policy), so that exempting that exempts
    it.
    """

    words: str
    key: str
    owners: tuple[str, ...] = ()


def describe(  # noqa: PLR0911 - one for each kind of record
    catalog: Catalog, object: object, column: Column | None = None
) -> Named:
    """Name a catalog record (or its column), or take words such as ``file db/x.sql`` for what is no record.

    PUBLIC is given as the role oid 0.
    """
    match object:
        case Named():
            return object
        case str():
            return Named(object, object.partition(" ")[2] or object)
        case Relation():
            name = catalog.qualified(object)
            if column is not None:
                return Named(f"column {name}.{column.name}", f"{name}.{column.name}", (name,))
            return Named(f"{RELATION_WORDS[object.kind]} {name}", name)
        case Constraint() | Policy() | Trigger() | Rule():
            owner = catalog.objects[getattr(object, "domain", 0) or object.table]
            named = describe(catalog, owner)
            word = type(object).__name__.lower()
            return Named(f"{word} {object.name} on {named.words}", f"{named.key}.{object.name}", (named.key,))
        case Function():
            name = f"{catalog.qualified(object)}({_identity_arguments(catalog, object)})"
            return Named(f"{_ROUTINE_WORDS.get(object.kind, 'function')} {name}", name)
        case Type():
            name = catalog.qualified(object)
            return Named(f"{_TYPE_WORDS.get(object.kind, 'type')} {name}", name)
        case Schema() | Role() | Extension():
            return Named(f"{type(object).__name__.lower()} {object.name}", object.name)
        case Other():
            word = object.catalog.removeprefix("pg_").replace("_", " ")
            return Named(f"{word} {catalog.qualified(object)}", catalog.qualified(object))
        case 0:
            return Named("role PUBLIC", "PUBLIC")
        case _:
            return _named_only(object)


def statement_of(migration: str, sql: str) -> Named:
    """The name of a statement for findings about statements: its migration and a digest of its words.

    Comments and layout are no words: to edit them leaves the finding what it is.
    """
    from schemaguard.statements.meaning import words_of

    return Named(
        f"statement of migration {migration}", f"{migration}:{fingerprint(words_of(sql))}", (migration,)
    )


def fingerprint(*texts: str) -> str:
    """A short digest of texts, the same however they are spaced."""
    from hashlib import sha256

    words = "\0".join(" ".join(text.split()) for text in texts)
    return sha256(words.encode(errors="replace")).hexdigest()[:10]


def _identity_arguments(catalog: Catalog, function: Function) -> str:
    from schemaguard.catalog.routines import identity_arguments

    return identity_arguments(catalog, function)


def _named_only(object: object) -> Named:
    """Publications, event triggers: records that have a name and no schema."""
    name = getattr(object, "name", None)
    if not isinstance(name, str):
        message = f"a finding's object is a catalog record or words, not {object!r}"
        raise TypeError(message)
    kind = "".join(f" {char.lower()}" if char.isupper() else char for char in type(object).__name__).strip()
    return Named(f"{kind} {name}", name)
