"""Functions and procedures: `pg_proc`, `pg_language`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.model import Function
from schemaguard.catalog.state import PG_CATALOG as PG_CATALOG_SCHEMA, SUPERUSER
from schemaguard.plpgsql.context import type_oid
from schemaguard.plpgsql.queries.relations.acl_items import acl_value
from schemaguard.plpgsql.queries.relations.provider import Provider, number
from schemaguard.plpgsql.values.kinds import IntVector, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from schemaguard.catalog.builtin.functions import Routine
    from schemaguard.plpgsql.context import Context

Row = Any
"""A Function of the history or a Routine of PostgreSQL."""

LANGUAGES = {"internal": 12, "c": 13, "sql": 14, "plpgsql": 13600}
"""Oids of the languages that every database has (that of plpgsql varies)."""


def routines(context: Context) -> Iterator[Row]:
    """All routines of the history and of PostgreSQL."""
    from schemaguard.catalog.builtin.functions import function_names, functions_named

    yield from context.catalog.all(Function)
    for name in function_names():
        yield from _present(context, functions_named(name))


def _present(context: Context, found: Iterable[Routine]) -> Iterator[Routine]:
    return (item for item in found if item.oid and item.since <= context.catalog.version)


def _named(context: Context, value: Value) -> Iterator[Row]:
    from schemaguard.catalog.builtin.functions import functions_named

    for schema in context.catalog.schemas.values():
        yield from context.catalog.functions_named(schema, str(value))
    yield from _present(context, functions_named(str(value)))


def _at(context: Context, value: Value) -> Iterable[Row]:
    from schemaguard.catalog.builtin.functions import function_at

    oid = number(value) or 0
    record = context.catalog.objects.get(oid)
    found = record if isinstance(record, Function) else function_at(oid)
    return () if found is None else (found,)


def _own(
    of_function: Callable[[Context, Function], Value], otherwise: Value
) -> Callable[[Context, Row], Value]:
    """A column that is computed for routines of the history, and the same for all of PostgreSQL's."""
    return lambda context, row: of_function(context, row) if isinstance(row, Function) else otherwise


_NOT_KEPT = Unknown("details of PostgreSQL's own functions are not modelled")


def language_oid(name: str) -> int:
    """The oid of a language, 0 for one that an extension brings."""
    return LANGUAGES.get(name, 0)


def _argument_types(_context: Context, function: Function) -> Value:
    return IntVector(type_oid(argument.type) for argument in function.inputs)


def _all_types(_context: Context, function: Function) -> Value:
    if all(argument.mode == "i" for argument in function.arguments):
        return None
    return [type_oid(argument.type) for argument in function.arguments]


def _modes(_context: Context, function: Function) -> Value:
    if all(argument.mode == "i" for argument in function.arguments):
        return None
    return [argument.mode for argument in function.arguments]


def _names(_context: Context, function: Function) -> Value:
    names = [argument.name for argument in function.arguments]
    return names if any(names) else None


_PROC: dict[str, Callable[[Context, Row], Value]] = {
    "oid": lambda _context, row: row.oid,
    "proname": lambda _context, row: row.name,
    "pronamespace": lambda _context, row: row.schema if isinstance(row, Function) else PG_CATALOG_SCHEMA,
    "proowner": _own(lambda _context, row: row.owner, SUPERUSER),
    "prolang": _own(lambda _context, row: language_oid(row.language), _NOT_KEPT),
    "prokind": lambda _context, row: row.kind,
    "prosecdef": _own(lambda _context, row: row.security_definer, otherwise=False),
    "proleakproof": _own(lambda _context, row: row.leakproof, _NOT_KEPT),
    "proisstrict": _own(lambda _context, row: row.strict, _NOT_KEPT),
    "proretset": lambda _context, row: row.returns_set,
    "provolatile": lambda _context, row: row.volatility,
    "proparallel": _own(lambda _context, row: row.parallel, _NOT_KEPT),
    "pronargs": _own(lambda _context, row: len(row.inputs), _NOT_KEPT),
    "pronargdefaults": _own(
        lambda _context, row: sum(item.default is not None for item in row.arguments), _NOT_KEPT
    ),
    "prorettype": _own(
        lambda _context, row: 2278 if row.returns is None else type_oid(row.returns), _NOT_KEPT
    ),
    "proargtypes": _own(_argument_types, _NOT_KEPT),
    "proallargtypes": _own(_all_types, _NOT_KEPT),
    "proargmodes": _own(_modes, _NOT_KEPT),
    "proargnames": _own(_names, _NOT_KEPT),
    "prosrc": _own(lambda _context, row: row.body, _NOT_KEPT),
    "proconfig": _own(lambda _context, row: [f"{name}={value}" for name, value in row.config] or None, None),
    "proacl": _own(lambda context, row: acl_value(context, row.acl), _NOT_KEPT),
}

PG_CATALOG = {
    "pg_proc": Provider(routines, _PROC, {"oid": _at, "proname": _named}),
    "pg_language": Provider(
        lambda _context: tuple(LANGUAGES),
        {
            "oid": lambda _context, name: LANGUAGES[name],
            "lanname": lambda _context, name: name,
            "lanowner": lambda _context, _name: SUPERUSER,
            "lanpltrusted": lambda _context, name: name in ("sql", "plpgsql"),
            "lanispl": lambda _context, name: name == "plpgsql",
        },
        {},
    ),
}
