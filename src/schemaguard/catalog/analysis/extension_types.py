"""Types that extensions bring, made known to the catalog when a history first names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.builtin.extensions import TYPE_NAMES, ExtensionType, members
from schemaguard.catalog.model import Extension, Schema, Type, TypeRef, Unknown
from schemaguard.catalog.state import PG_CATALOG

if TYPE_CHECKING:
    from schemaguard.catalog.state import Catalog


def type_of_extension(catalog: Catalog, schemas: tuple[int, ...], name: str) -> TypeRef | None:
    """The type of that name in one of the schemas that an installed extension of known contents brings."""
    for extension in installed(catalog):
        contents = members(extension.name)
        if contents is None or extension.schema not in schemas:
            continue
        array = name.startswith("_") and name[1:] in contents.types
        row = contents.types.get(name[1:] if array else name)
        if row is not None:
            return TypeRef(add_extension_type(catalog, extension, row), array=array)
    return None


def add_extension_type(catalog: Catalog, extension: Extension, row: ExtensionType) -> int:
    """The oid of a type of an extension, made known if it is not yet."""
    known = catalog.types.get((extension.schema, row.name))
    if known is not None:
        return known
    oid = _add_type(catalog, extension.schema, row.name, extension)
    if row.element and isinstance(row.element, str):
        contents = members(extension.name)
        if contents is not None:
            add_extension_type(catalog, extension, contents.types[row.element])
    return oid


def external_type(
    catalog: Catalog, schemas: tuple[int, ...], name: str, *, qualified: bool
) -> TypeRef | None:
    """A type that something of unknown contents may bring: an installed extension, or a schema of the config.

    It is presumed to exist, and the presumption is listed in `catalog.unknown`.
    """
    candidates = [extension for extension in installed(catalog) if members(extension.name) is None]
    bringing = [extension for extension in candidates if name in TYPE_NAMES.get(extension.name, ())]
    for extension in bringing or [other for other in candidates if other.name not in TYPE_NAMES]:
        if extension.schema in schemas:
            why = f"a type of the extension {extension.name}, whose contents are not known"
            return TypeRef(_add_unknown(catalog, extension.schema, name, extension, why))
    if qualified:
        schema = catalog.objects[schemas[0]]
        if isinstance(schema, Schema) and schema.external:
            why = f"a type of the schema {schema.name}, which the config declares without its contents"
            return TypeRef(_add_unknown(catalog, schema.oid, name, None, why))
    return None


def installed(catalog: Catalog) -> list[Extension]:
    """The installed extensions that bring anything to look up: all but plpgsql."""
    extensions = catalog.extensions
    if not extensions or (len(extensions) == 1 and "plpgsql" in extensions):
        return []
    return [catalog.get(oid, Extension) for name, oid in extensions.items() if name != "plpgsql"]


def _add_unknown(catalog: Catalog, schema: int, name: str, extension: Extension | None, why: str) -> int:
    oid = _add_type(catalog, schema, name, extension)
    path = f"types.{catalog.schema_name(schema)}.{name}"
    because = extension.because if extension else None
    catalog.put(catalog.unknown, (path, why), Unknown(path, why, because))
    return oid


def _add_type(catalog: Catalog, schema: int, name: str, extension: Extension | None) -> int:
    record = Type(
        oid=catalog.new_oid(),
        schema=schema,
        name=name,
        kind="b",
        external=True,
        extension=extension.oid if extension else 0,
        because=extension.because if extension else None,
    )
    catalog.put(catalog.types, (schema, name), record.oid)
    catalog.store(record)
    if extension is not None:
        catalog.depend(record.oid, extension.oid, "i")
    if schema != PG_CATALOG:
        catalog.depend(record.oid, schema)
    return record.oid
