"""Type names: from the parse tree to a `TypeRef`, and from there to text as `format_type` prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.extension_types import external_type, type_of_extension
from schemaguard.catalog.analysis.typmods import decorate, encode, modifier_texts, spatial_modifier
from schemaguard.catalog.builtin.types import BY_NAME, BY_OID, OF_INFORMATION_SCHEMA, SQL_NAMES
from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.errors import (
    FEATURE_NOT_SUPPORTED,
    INVALID_TABLE_DEFINITION,
    SYNTAX_ERROR,
    UNDEFINED_COLUMN,
    UNDEFINED_OBJECT,
    UNDEFINED_SCHEMA,
    Refused,
)
from schemaguard.catalog.model import Relation, Type, TypeRef
from schemaguard.catalog.names import quote_identifier
from schemaguard.catalog.state import INFORMATION_SCHEMA, PG_CATALOG

if TYPE_CHECKING:
    from schemaguard.catalog.session import Session
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node

EXTERNAL_TYPMOD = -2
"""Modifiers of types that are not known are numbered from here downwards; `catalog.facts` has their text."""

_PLAIN = {name: TypeRef(row.oid) for name, row in BY_NAME.items()}
_NOT_AS_SQL_NAMES_IT = {"bit": '"bit"', "char": '"char"', "any": '"any"', "bpchar": "bpchar"}
"""Types whose bare name would mean another type in SQL, and how `format_type` prints them."""


def type_number(ref: TypeRef) -> int:
    """The one number that stands for a type: its oid, or for an array of it the negative oid."""
    return -ref.oid if ref.array else ref.oid


def type_ref(number: int, typmod: int = -1) -> TypeRef:
    """The reference to the type of that number."""
    return TypeRef(number, typmod) if number >= 0 else TypeRef(-number, typmod, array=True)


def resolve_type(session: Session, node: Node) -> TypeRef:
    """The type that a TypeName node (its fields) names, with its modifier encoded.

    `SETOF` is the caller's affair, and so are `serial` and its like, which are no types. A type that an
    extension of unknown contents may bring becomes a `Type` record with `external` set.

    Raises:
        Refused: there is no such type, it is only a shell, or its modifier is wrong.
    """
    names = node["names"]
    name = names[-1]["String"]["sval"]
    plain = _PLAIN.get(name)
    if (
        plain is not None
        and "pct_type" not in node
        and (
            names[0]["String"]["sval"] == "pg_catalog"
            if len(names) > 1
            else "pg_catalog" not in session.search_path
        )
    ):
        if "typmods" not in node and "arrayBounds" not in node:
            return plain
        found = plain
    elif node.get("pct_type"):
        return _column_type(session, strings(names), node)
    else:
        found = find_type(
            session, strings(names), node.get("location", -1), "[]" if "arrayBounds" in node else ""
        )
    typmod = found.typmod
    if modifiers := node.get("typmods"):
        typmod = _typmod(session.catalog, found.oid, modifiers, node)
    return TypeRef(found.oid, typmod, found.array or "arrayBounds" in node)


def find_type(session: Session, names: list[str], offset: int = -1, suffix: str = "") -> TypeRef:
    """The type of a possibly qualified name, without modifier; `suffix` follows the name in messages.

    Raises:
        Refused: there is none, or it is only a shell.
    """
    found = lookup_type(session, names, offset)
    if found is None:
        raise Refused(UNDEFINED_OBJECT, f'type "{".".join(names)}{suffix}" does not exist', offset=offset)
    record = session.catalog.objects.get(found.oid)
    if isinstance(record, Type) and record.kind == "p":
        raise Refused(UNDEFINED_OBJECT, f'type "{".".join(names)}" is only a shell', offset=offset)
    return found


def lookup_type(session: Session, names: list[str], offset: int = -1) -> TypeRef | None:
    """The type of a possibly qualified name, or None; a shell is found, too."""
    catalog = session.catalog
    if len(names) > 2 and names[0] != catalog.facts["database"]:
        dotted = ".".join(names)
        raise Refused(
            FEATURE_NOT_SUPPORTED, f"cross-database references are not implemented: {dotted}", offset=offset
        )
    if len(names) > 1:
        schema = session.used_schema(names[-2])
        if schema < 0:
            raise Refused(UNDEFINED_SCHEMA, f'schema "{names[-2]}" does not exist', offset=offset)
        schemas: tuple[int, ...] = (schema,)
    else:
        schemas = session.lookup_schemas()
    name = names[-1]
    for schema in schemas:
        found = _type_in(catalog, schema, name)
        if found is not None:
            return found
    return type_of_extension(catalog, schemas, name) or external_type(
        catalog, schemas, name, qualified=len(names) > 1
    )


def _type_in(catalog: Catalog, schema: int, name: str) -> TypeRef | None:
    oid = catalog.types.get((schema, name))
    if oid is not None:
        return TypeRef(oid)
    if schema == PG_CATALOG and name in _PLAIN:
        return _PLAIN[name]
    if schema == INFORMATION_SCHEMA and name in OF_INFORMATION_SCHEMA:
        return TypeRef(OF_INFORMATION_SCHEMA[name].oid)
    if name.startswith("_"):
        element = _type_in(catalog, schema, name[1:])
        if element is not None and not element.array:
            return TypeRef(element.oid, array=True)
    if schema in (PG_CATALOG, INFORMATION_SCHEMA):
        from schemaguard.catalog.builtin.relations import system_relation

        relation = system_relation(catalog.schema_name(schema), name)
        return None if relation is None else TypeRef(relation.row_type)
    return None


def _column_type(session: Session, names: list[str], node: Node) -> TypeRef:
    """The type that ``table.column%TYPE`` means."""
    offset = node.get("location", -1)
    if len(names) < 2:
        raise Refused(
            SYNTAX_ERROR, f"improper %TYPE reference (too few dotted names): {names[0]}", offset=offset
        )
    table: Node = {"relname": names[-2], "location": offset}
    if len(names) > 2:
        table["schemaname"] = names[-3]
    relation: Relation = session.relation(table)
    column = relation.column(names[-1])
    if column is None:
        raise Refused(
            UNDEFINED_COLUMN, f'column "{names[-1]}" of relation "{names[-2]}" does not exist', offset=offset
        )
    return TypeRef(column.type.oid, array=column.type.array or "arrayBounds" in node)


def _typmod(catalog: Catalog, oid: int, modifiers: list[Node], node: Node) -> int:
    offset = node.get("location", -1)
    texts = modifier_texts(modifiers, offset)
    if oid in BY_OID:
        return encode(oid, texts, catalog.version, offset)
    record = catalog.objects.get(oid)
    if not (isinstance(record, Type) and record.external):
        name = ".".join(strings(node["names"]))
        raise Refused(SYNTAX_ERROR, f'type modifier is not allowed for type "{name}"', offset=offset)
    if record.name == "vector" and len(texts) == 1 and texts[0].isdigit():
        return int(texts[0])
    if record.name in ("geometry", "geography"):
        texts = spatial_modifier(texts, geographic=record.name == "geography")
    return _numbered_modifier(catalog, ",".join(texts))


def _numbered_modifier(catalog: Catalog, text: str) -> int:
    """The number that stands for a modifier of a type that is not known."""
    known: dict[int, str] = catalog.facts.get("typmods", {})
    for number, other in known.items():
        if other == text:
            return number
    number = EXTERNAL_TYPMOD - len(known)
    catalog.put_in(catalog.facts, "typmods", number, text)
    return number


def require_column_type(catalog: Catalog, name: str, ref: TypeRef) -> None:
    """Refuse a pseudo-type as the type of a column of that name.

    Raises:
        Refused: it is one: `record`, `void`, `anyelement` …
    """
    row = BY_OID.get(ref.oid)
    if row is not None and row.kind == "p":
        text = format_type(catalog, ref)
        raise Refused(INVALID_TABLE_DEFINITION, f'column "{name}" has pseudo-type {text}')


def format_type(catalog: Catalog, ref: TypeRef) -> str:
    """The type as `format_type(oid, typmod)` prints it with the search path `public`."""
    oid, typmod = ref.oid, ref.typmod
    row = BY_OID.get(oid)
    if row is not None:
        name = row.name
        if row.in_information_schema:
            text = f"information_schema.{name}"
        elif typmod < 0 and name in _NOT_AS_SQL_NAMES_IT:
            text = _NOT_AS_SQL_NAMES_IT[name]
        else:
            text = SQL_NAMES.get(name, name)
            if typmod >= 0:
                text = decorate(oid, text, typmod, catalog.version)
    else:
        text = _user_type(catalog, oid) + _modifier_text(catalog, typmod)
    return f"{text}[]" if ref.array else text


def _user_type(catalog: Catalog, oid: int) -> str:
    record = catalog.objects.get(oid)
    if not isinstance(record, Type):
        from schemaguard.catalog.builtin.relations import row_type_name

        return row_type_name(oid)
    name = quote_identifier(record.name)
    if record.schema == catalog.public and record.name not in BY_NAME:
        return name
    return f"{quote_identifier(catalog.schema_name(record.schema))}.{name}"


def _modifier_text(catalog: Catalog, typmod: int) -> str:
    if typmod == -1:
        return ""
    if typmod <= EXTERNAL_TYPMOD:
        return f"({catalog.facts['typmods'][typmod]})"
    return f"({typmod})"


def is_pseudo_type(ref: TypeRef) -> bool:
    """Whether a built-in type can be no column's: `record`, `anyelement`, `trigger` and the like."""
    row = BY_OID.get(ref.oid)
    return not ref.array and row is not None and row.kind == "p"


def is_collatable(ref: TypeRef) -> bool:
    """Whether values of a built-in type have a collation."""
    return ref.oid in (25, 1043, 1042, 19)


def can_assign(catalog: Catalog, source: TypeRef, target: TypeRef) -> bool:
    """Whether a value of `source` is converted to `target` on assignment."""
    del catalog
    numbers = (20, 21, 23, 700, 701, 1700)
    times = (1082, 1114, 1184)
    texts = (25, 1043, 1042, 19)
    same = source.oid == target.oid and source.array == target.array
    groups = (numbers, times, texts)
    return same or any(source.oid in group and target.oid in group for group in groups) or target.oid in texts


def have_equality(catalog: Catalog, left: TypeRef, right: TypeRef) -> bool:
    """Whether a foreign key can compare the two types."""
    del catalog
    groups = ((20, 21, 23, 700, 701, 1700), (25, 1043, 1042, 19), (1082, 1114, 1184))
    return left.oid == right.oid or any(left.oid in group and right.oid in group for group in groups)
