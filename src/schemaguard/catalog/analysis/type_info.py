"""Properties of types that parse analysis asks for, built-in and user-defined alike, by type number."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.analysis.extension_types import add_extension_type
from schemaguard.catalog.builtin import types as pg
from schemaguard.catalog.builtin.extensions import members
from schemaguard.catalog.builtin.relations import system_relation_at, system_relation_of_type
from schemaguard.catalog.model import Column, Extension, Relation, Type

if TYPE_CHECKING:
    from schemaguard.catalog.state import Catalog


class TypeInfo(msgspec.Struct, frozen=True, gc=False):
    """What coercion and overloading ask of a type.

    `kind` as `pg_type.typtype`: b, c, d, e, p, r or m. `element`: of a true array (and of int2vector and oidvector).
    `base` and `base_typmod`: of a domain, what is below all its layers, else the type itself and -1.
    `relation`: of a composite type. `external`: nothing is known of its functions and operators.
    """

    number: int
    kind: str
    category: str
    preferred: bool = False
    element: int = 0
    base: int = 0
    base_typmod: int = -1
    relation: int = 0
    external: bool = False
    collatable: bool = False


_CATEGORIES = {"e": "E", "c": "C", "r": "R", "m": "R", "b": "U", "p": "P"}
_VECTORS = {pg.INT2VECTOR: pg.INT2, pg.OIDVECTOR: pg.OID}


@cache
def _builtin(number: int) -> TypeInfo | None:
    row = pg.BY_OID.get(abs(number))
    if row is None:
        relation = system_relation_of_type(abs(number))
        if relation is None:
            return None
        if number < 0:
            return TypeInfo(number, "b", "A", element=-number, base=number)
        return TypeInfo(number, "c", "C", base=number, relation=relation.oid)
    if number < 0:
        return TypeInfo(
            number,
            "p" if row.oid == pg.RECORD else "b",
            "P" if row.oid == pg.RECORD else "A",
            element=row.oid,
            base=number,
            collatable=row.collatable,
        )
    base, typmod = (row.base, row.base_typmod) if row.kind == "d" else (number, -1)
    return TypeInfo(
        number,
        row.kind,
        row.category,
        row.preferred,
        _VECTORS.get(number, 0),
        base,
        typmod,
        collatable=row.collatable,
    )


BUILTIN: dict[int, TypeInfo] = {}
"""The properties of built-in types that have been asked for."""


def type_info(catalog: Catalog, number: int) -> TypeInfo:
    """The properties of a type; of a number that is no type (0), those of one of which nothing is known."""
    found = BUILTIN.get(number)
    if found is not None:
        return found
    record = catalog.objects.get(abs(number))
    if isinstance(record, Type):
        return _of_record(catalog, number, record)
    builtin = _builtin(number)
    if builtin is None:
        return TypeInfo(number, "b", "U", base=number, external=True)
    BUILTIN[number] = builtin
    return builtin


def _of_record(catalog: Catalog, number: int, record: Type) -> TypeInfo:
    if number < 0:
        inner = type_info(catalog, -number)
        return TypeInfo(
            number,
            "b",
            "A",
            element=-number,
            base=number,
            external=inner.external,
            collatable=inner.collatable,
        )
    if record.kind == "d" and record.base is not None:
        below = -record.base.oid if record.base.array else record.base.oid
        info = type_info(catalog, below)
        typmod = record.base.typmod if info.base == below and record.base.typmod != -1 else info.base_typmod
        return TypeInfo(
            number, "d", info.category, info.preferred, 0, info.base, typmod, external=info.external,
            collatable=info.collatable,
        )  # fmt: skip
    if record.external:
        return _of_extension(catalog, number, record)
    return TypeInfo(number, record.kind, _CATEGORIES[record.kind], base=number, relation=record.relation)


def _of_extension(catalog: Catalog, number: int, record: Type) -> TypeInfo:
    extension = catalog.objects.get(record.extension)
    contents = members(extension.name) if isinstance(extension, Extension) else None
    row = contents.types.get(record.name) if contents is not None else None
    if row is None or not isinstance(extension, Extension):
        return TypeInfo(number, "b", "U", base=number, external=True)
    return TypeInfo(number, row.kind, row.category, row.preferred, base=number, collatable=row.collatable)


def extension_type_number(catalog: Catalog, extension: Extension, given: int | str) -> int:
    """The number of a type as the data of an extension names it."""
    if isinstance(given, int):
        return given
    name = given.removesuffix("[]")
    contents = members(extension.name)
    row = contents.types.get(name) if contents is not None else None
    if row is None:
        found = catalog.types.get((extension.schema, name), 0) or _of_other_extension(catalog, name)
    else:
        found = add_extension_type(catalog, extension, row)
    return -found if given.endswith("[]") else found


def _of_other_extension(catalog: Catalog, name: str) -> int:
    """A type of an extension that another one needs (cube, of earthdistance); 0 for one that is not there."""
    for oid in catalog.extensions.values():
        other = catalog.get(oid, Extension)
        contents = members(other.name)
        if contents is not None and name in contents.types:
            return add_extension_type(catalog, other, contents.types[name])
    return 0


def row_columns(catalog: Catalog, number: int) -> tuple[Column, ...] | None:
    """The attributes of a composite type (or a domain over one), None for any other type."""
    info = type_info(catalog, number)
    if info.kind == "d":
        info = type_info(catalog, info.base)
    relation = relation_at(catalog, info.relation) if info.relation else None
    return None if relation is None else relation.columns


def relation_at(catalog: Catalog, oid: int) -> Relation | None:
    """The relation of that oid, a system relation included."""
    found = catalog.objects.get(oid)
    if found is None:
        return system_relation_at(oid)
    return found if isinstance(found, Relation) else None


def row_type_number(catalog: Catalog, relation: Relation) -> int:
    """The type number of a relation's row type."""
    found: int = getattr(relation, "row_type", 0)
    return found or catalog.types.get((relation.schema, relation.name), pg.RECORD)
