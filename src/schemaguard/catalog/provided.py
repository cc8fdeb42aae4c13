"""Functions that the server itself and installed extensions bring, as records like those a history makes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from schemaguard.catalog.builtin.extensions import members
from schemaguard.catalog.builtin.load import load
from schemaguard.catalog.model import Argument, Extension, Function, TypeRef
from schemaguard.catalog.state import PG_CATALOG, SUPERUSER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.state import Catalog


@cache
def _builtin() -> dict[str, list[list[Any]]]:
    return dict(load("functions"))


def provided_functions(catalog: Catalog, schema: int, name: str) -> Iterator[Function]:
    """The functions of that name that the server (in pg_catalog) or an extension brings to a schema.

    A built-in one has its own oid, one of an extension oid 0; neither is in the catalog until `adopt` puts it there.
    """
    if schema == PG_CATALOG:
        for row in _builtin().get(name, ()):
            if _since(row) <= catalog.version:
                yield _record(catalog, row, name, PG_CATALOG, None)
    for oid in catalog.extensions.values():
        extension = catalog.get(oid, Extension)
        contents = members(extension.name) if extension.schema == schema else None
        for row in contents.functions.get(name, ()) if contents is not None else ():
            yield _record(catalog, row, name, schema, extension)


def adopt(catalog: Catalog, function: Function) -> Function:
    """The record in the catalog of a provided function, put there once something refers to it.

    A built-in one keeps its own oid and is in no map of names; one of an extension is as one that was created.
    """
    import msgspec

    from schemaguard.catalog.routines import add_function, overload, signature_of

    if function.oid in catalog.objects:
        return catalog.get(function.oid, Function)
    if function.oid:
        catalog.store(function)
        return function
    known = overload(catalog, function.schema, function.name, signature_of(function))
    if known is not None:
        return known
    function = msgspec.structs.replace(function, oid=catalog.new_oid())
    add_function(catalog, function)
    catalog.depend(function.oid, function.extension, "i")
    return function


def _since(row: list[Any]) -> int:
    return int(row[8]) if len(row) > 8 else 0


def _record(
    catalog: Catalog, row: list[Any], name: str, schema: int, extension: Extension | None
) -> Function:
    """A row of `tools/builtin_catalog.py` as a record."""
    oid, kind, result, returns_set, types, variadic, _defaults, flags, *rest = row
    names = rest[1] if len(rest) > 1 and rest[1] else [""] * len(types)
    outputs = rest[2] if len(rest) > 2 else []
    arguments = [
        Argument(argument, _type(catalog, of, extension), "v" if variadic and at == len(types) - 1 else "i")
        for at, (argument, of) in enumerate(zip(names, types, strict=True))
    ]
    arguments += [Argument(argument, _type(catalog, of, extension), "o") for argument, of in outputs]
    return Function(
        oid=oid,
        schema=schema,
        name=name,
        kind=kind,
        arguments=tuple(arguments),
        returns=_type(catalog, result, extension),
        returns_set=bool(returns_set),
        language="internal" if extension is None else "c",
        volatility=flags[0],
        leakproof="l" in flags,
        strict="s" in flags[1:],
        owner=SUPERUSER,
        extension=extension.oid if extension is not None else 0,
        because=extension.because if extension is not None else None,
    )


def _type(catalog: Catalog, number: int | str, extension: Extension | None) -> TypeRef:
    """A type of the data: an oid, minus the oid for an array, or the name of one of the extension's own types."""
    from schemaguard.catalog.analysis.extension_types import add_extension_type

    if isinstance(number, int):
        return TypeRef(abs(number), -1, number < 0)
    contents = members(extension.name) if extension is not None else None
    name = number.removesuffix("[]")
    if contents is None or extension is None or name not in contents.types:
        return TypeRef(0)
    return TypeRef(add_extension_type(catalog, extension, contents.types[name]), -1, number.endswith("[]"))
