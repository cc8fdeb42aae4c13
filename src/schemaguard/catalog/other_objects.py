"""Objects that are known by name only (`Other`): casts, operators, collations, servers … kept, found, described."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.commands.nodes import only, strings
from schemaguard.catalog.errors import UNDEFINED_FUNCTION, UNDEFINED_OBJECT, UNDEFINED_SCHEMA, Refused
from schemaguard.catalog.model import Other, TypeRef

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemaguard.catalog.session import Run, Session
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node, Origin

WORDS = {
    "pg_am": "access method",
    "pg_cast": "cast",
    "pg_collation": "collation",
    "pg_conversion": "conversion",
    "pg_foreign_data_wrapper": "foreign-data wrapper",
    "pg_foreign_server": "server",
    "pg_language": "language",
    "pg_opclass": "operator class",
    "pg_operator": "operator",
    "pg_opfamily": "operator family",
    "pg_statistic_ext": "statistics object",
    "pg_subscription": "subscription",
    "pg_transform": "transform",
    "pg_ts_config": "text search configuration",
    "pg_ts_dict": "text search dictionary",
    "pg_ts_parser": "text search parser",
    "pg_ts_template": "text search template",
    "pg_user_mapping": "user mapping",
}
"""What messages call the objects of each system catalog."""

WITHOUT_SCHEMA = frozenset(
    (
        "pg_am", "pg_cast", "pg_foreign_data_wrapper", "pg_foreign_server", "pg_language", "pg_subscription",
        "pg_transform", "pg_user_mapping",
    )
)  # fmt: skip


def add_other(
    run: Run,
    catalog_name: str,
    schema: int,
    name: str,
    *,
    owner: int | None = None,
    detail: str = "",
    because: Origin | None = None,
) -> Other:
    """Store a new object that is known by name only, owned by the role in force unless `owner` says otherwise."""
    catalog = run.catalog
    record = Other(
        catalog.new_oid(),
        catalog_name,
        schema,
        name,
        run.session.role if owner is None else owner,
        detail=detail,
        because=because or run.origin(),
    )
    catalog.put(catalog.others, (catalog_name, schema, name), record.oid)
    catalog.store(record)
    if schema:
        catalog.depend(record.oid, schema)
    return record


def find_named(run: Run, catalog_name: str, name: str) -> Other | None:
    """The object of that name, of a kind whose objects are in no schema."""
    oid = run.catalog.others.get((catalog_name, 0, name))
    return None if oid is None else run.catalog.get(oid, Other)


def find_in_path(run: Run, catalog_name: str, names: Sequence[str], suffix: str = "") -> Other | None:
    """The object of a possibly qualified name; `suffix` is what tells objects of one name apart (see `other_name`)."""
    catalog, session = run.catalog, run.session
    if len(names) > 1:
        schemas: Sequence[int] = (session.used_schema(names[-2]),)
    else:
        schemas = session.lookup_schemas()
    for schema in schemas:
        oid = catalog.others.get((catalog_name, schema, names[-1] + suffix))
        if oid is not None:
            return catalog.get(oid, Other)
    return None


BUILTIN_COLLATIONS = frozenset(
    ("default", "C", "POSIX", "ucs_basic", "unicode", "pg_c_utf8", "pg_unicode_fast")
)


def find_collation(session: Session, names: Sequence[str]) -> int:
    """The oid of a collation that the history made, 0 for one of the server's own.

    Those of the operating system and of ICU are presumed to be there: they are called like `de_DE` or `und-x-icu`.

    Raises:
        Refused: there is none of that name.
    """
    catalog = session.catalog
    schemas = (session.used_schema(names[-2]),) if len(names) > 1 else session.lookup_schemas()
    for schema in schemas:
        oid = catalog.others.get(("pg_collation", schema, names[-1]))
        if oid is not None:
            return oid
    name = names[-1]
    if name in BUILTIN_COLLATIONS or "_" in name or name.endswith("-x-icu"):
        return 0
    raise Refused(UNDEFINED_OBJECT, f'collation "{".".join(names)}" for encoding "UTF8" does not exist')


def depend_on_collation(run: Run, oid: int, collation: str, *, sub: int = 0) -> None:
    """Make an object (its column `sub`) depend on the collation that it names, if that is the history's own."""
    if collation:
        found = find_collation(run.session, collation.split("."))
        if found:
            run.catalog.depend(oid, found, sub=sub)


def type_text(run: Run, node: Node) -> str:
    """A TypeName's type as `format_type` prints it, `none` for the missing operand of a prefix operator."""
    from schemaguard.catalog.analysis.types import format_type, resolve_type

    if not node:
        return "none"
    found = resolve_type(run.session, node)
    return format_type(run.catalog, TypeRef(found.oid, -1, found.array))


def find_other(run: Run, catalog_name: str, item: Node) -> int | None:
    """The oid of the object that an address of DROP, COMMENT or ALTER means; None where there is none.

    Raises:
        Refused: the schema or a type that the address names does not exist.
    """
    tag, fields = only(item)
    if tag == "String":
        record = find_named(run, catalog_name, fields.get("sval", ""))
    elif tag == "ObjectWithArgs":
        record = find_in_path(run, catalog_name, strings(fields["objname"]), operand_suffix(run, fields))
    else:
        record = _find_listed(run, catalog_name, fields["items"])
    return None if record is None else record.oid


def operand_suffix(run: Run, fields: Node) -> str:
    """`(integer,none)`: the operand types of an ObjectWithArgs that names an operator."""
    return f"({','.join(type_text(run, argument.get('TypeName', {})) for argument in fields['objargs'])})"


def _find_listed(run: Run, catalog_name: str, items: list[Node]) -> Other | None:
    if catalog_name in ("pg_cast", "pg_transform"):
        return find_named(run, catalog_name, _pair_name(run, items))
    names = strings(items)
    suffix = ""
    if catalog_name in ("pg_opclass", "pg_opfamily"):
        suffix = f" USING {names[0]}"
        names = names[1:]
    if len(names) > 1 and names[-2] not in run.catalog.schemas:
        raise Refused(UNDEFINED_SCHEMA, f'schema "{names[-2]}" does not exist')
    return find_in_path(run, catalog_name, names, suffix)


def _pair_name(run: Run, items: list[Node]) -> str:
    """The name under which a cast (`a AS b`) or a transform (`a LANGUAGE l`) is kept."""
    first = type_text(run, items[0]["TypeName"])
    tag, second = only(items[1])
    if tag == "TypeName":
        return cast_name(first, type_text(run, second))
    return f"{first} LANGUAGE {second.get('sval', '')}"


def cast_name(source: str, target: str) -> str:
    """The name under which a cast is kept."""
    return f"({source} AS {target})"


def missing(run: Run, catalog_name: str, item: Node) -> Refused:
    """The server's complaint that an object which `find_other` did not find does not exist."""
    tag, fields = only(item)
    word = WORDS.get(catalog_name, catalog_name)
    if tag == "String":
        return Refused(UNDEFINED_OBJECT, f'{word} "{fields.get("sval", "")}" does not exist')
    if tag == "ObjectWithArgs":
        name = ".".join(strings(fields["objname"]))
        operands = [type_text(run, argument.get("TypeName", {})) for argument in fields["objargs"]]
        shown = f"{operands[0]} {name} {operands[1]}" if operands[0] != "none" else f"{name} {operands[1]}"
        return Refused(UNDEFINED_FUNCTION, f"operator does not exist: {shown}")
    items = fields["items"]
    match catalog_name:
        case "pg_cast":
            source, target = (type_text(run, one["TypeName"]) for one in items)
            return Refused(UNDEFINED_OBJECT, f"cast from type {source} to type {target} does not exist")
        case "pg_transform":
            type_, language = type_text(run, items[0]["TypeName"]), items[1]["String"]["sval"]
            return Refused(
                UNDEFINED_OBJECT, f'transform for type {type_} language "{language}" does not exist'
            )
        case "pg_opclass" | "pg_opfamily":
            method, *names = strings(items)
            message = f'{word} "{".".join(names)}" does not exist for access method "{method}"'
            return Refused(UNDEFINED_OBJECT, message)
        case "pg_collation":
            name = ".".join(strings(items))
            return Refused(UNDEFINED_OBJECT, f'collation "{name}" for encoding "UTF8" does not exist')
    return Refused(UNDEFINED_OBJECT, f'{word} "{".".join(strings(items))}" does not exist')


def describe_other(catalog: Catalog, record: Other) -> str:
    """The object in words, as the server's messages name it."""
    word = WORDS.get(record.catalog, record.catalog.removeprefix("pg_").replace("_", " "))
    schema = catalog.schema_name(record.schema) if record.schema else ""
    prefix = "" if schema in ("", "public", "pg_catalog") else f"{schema}."
    match record.catalog:
        case "pg_cast":
            source, _, target = record.name[1:-1].partition(" AS ")
            return f"cast from {source} to {target}"
        case "pg_transform":
            type_, _, language = record.name.partition(" LANGUAGE ")
            return f"transform for {type_} language {language}"
        case "pg_opclass" | "pg_opfamily":
            name, _, method = record.name.partition(" USING ")
            return f"{word} {prefix}{name} for access method {method}"
        case "pg_user_mapping":
            user, _, server = record.name.partition(" on ")
            return f"user mapping for {user} on server {server}"
    return f"{word} {prefix}{record.name}"


# What parse analysis asks of operators and casts that a history made


class MadeOperator(NamedTuple):
    """An operator of the history's own. Types are numbers: oids, negative for arrays; 0 is the missing left side."""

    oid: int
    left: int
    right: int
    result: int
    function: int


class MadeCast(NamedTuple):
    """A cast of the history's own. `context`: i, a or e; `method`: f by function, i by text, b no conversion."""

    oid: int
    context: str
    method: str
    function: int


def makes_any(catalog: Catalog, catalog_name: str) -> bool:
    """Whether the history has made any object of a system catalog (``pg_operator``)."""
    return any(kind == catalog_name for kind, _schema, _name in catalog.others)


def made_operators(catalog: Catalog, schema: int, name: str) -> Iterator[MadeOperator]:
    """The operators of that name that the history made in a schema; shells are left out."""
    for (kind, where, key), oid in catalog.others.items():
        if kind == "pg_operator" and where == schema and key.startswith(f"{name}("):
            record = catalog.get(oid, Other)
            if record.detail:
                left, right, result, function = (int(number) for number in record.detail.split())
                yield MadeOperator(oid, left, right, result, function)


def made_cast(catalog: Catalog, source: TypeRef, target: TypeRef) -> MadeCast | None:
    """The cast from one type to another that the history made, the one of a range to its multirange included."""
    from schemaguard.catalog.analysis.types import format_type

    texts = (format_type(catalog, TypeRef(ref.oid, -1, ref.array)) for ref in (source, target))
    oid = catalog.others.get(("pg_cast", 0, cast_name(*texts)))
    if oid is None:
        return None
    context, method, function = catalog.get(oid, Other).detail.split()
    return MadeCast(oid, context, method, int(function))
