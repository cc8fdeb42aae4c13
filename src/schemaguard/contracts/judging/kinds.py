"""Which PostgreSQL types may hold a type of the contract: the mapping's own table first, then a sound default one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.errors import Refused
from schemaguard.catalog.model import Table, Type, TypeRef
from schemaguard.catalog.session import Session
from schemaguard.catalog.widening import base_type
from schemaguard.contracts.crosscheck import cross_check
from schemaguard.contracts.mapping.types import rows_for
from schemaguard.contracts.records import Mapped, Misfit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Column
    from schemaguard.catalog.state import Catalog
    from schemaguard.contracts.openapi.shapes import Shape
    from schemaguard.linting.project import Project
    from schemaguard.linting.rule import Place

KINDS = {
    16: "boolean", 17: "bytes", 20: "integer", 21: "integer", 23: "integer",
    25: "text", 19: "text", 1042: "text", 1043: "text", 18: "text",
    114: "json", 3802: "json", 700: "float", 701: "float", 790: "money", 1700: "numeric",
    1082: "date", 1083: "time", 1266: "time", 1114: "timestamp", 1184: "timestamp", 1186: "interval",
    2950: "uuid", 869: "network", 650: "network", 829: "network", 774: "network", 142: "text",
    1560: "bits", 1562: "bits",
}  # fmt: skip
"""Built-in types (`pg_type.oid`) by what their values are."""

_PLAIN_STRING = frozenset(
    ("text", "uuid", "enum", "timestamp", "date", "time", "interval", "network", "bits", "other", "range")
)
STRINGS: dict[str, frozenset[str]] = {
    "uuid": frozenset(("uuid",)),
    "date-time": frozenset(("timestamp",)),
    "date": frozenset(("date",)),
    "time": frozenset(("time",)),
    "duration": frozenset(("interval", "text")),
    "binary": frozenset(("bytes",)),
    "byte": frozenset(("bytes", "text")),
    "decimal": frozenset(("numeric", "text", "integer")),
    "int64": frozenset(("integer", "text")),
    "int32": frozenset(("integer", "text")),
    "ipv4": frozenset(("network", "text")),
    "ipv6": frozenset(("network", "text")),
}
"""What may hold a string of each format; other formats are text to a database."""

SERIALS = {"serial": "integer", "bigserial": "bigint", "smallserial": "smallint"}


class Kind(NamedTuple):
    """What a column's values are: a word of `KINDS`, enum, composite, range or other."""

    name: str
    array: bool = False


def kind_of(catalog: Catalog, ref: TypeRef) -> Kind:
    """The kind of a type, through domains."""
    base = base_type(catalog, ref)
    if base.oid in KINDS:
        return Kind(KINDS[base.oid], base.array)
    record = catalog.objects.get(base.oid)
    if isinstance(record, Type):
        name = {"e": "enum", "c": "composite", "r": "range"}.get(record.kind, "other")
        name = {"citext": "text", "hstore": "json", "ltree": "text"}.get(record.name, name)
        return Kind(name, base.array)
    return Kind("range" if 3904 <= base.oid <= 3927 else "other", base.array)


def type_misfits(project: Project) -> Iterator[Misfit]:
    """Fields whose type the type of their column can't be."""
    for mapped in cross_check(project).mapped:
        if mapped.holder is None or not mapped.shape.types or not mapped.shape.known:
            continue
        relation, column = mapped.holder
        what = _misfit(project, mapped, column)
        if not what:
            continue
        at: Place = column.type_because or column.because or relation.because
        because: list[tuple[Place, str]] = [
            (mapped.field.place, f"{mapped.shape.words} in the contract"),
            (mapped.place, "mapped here"),
        ]
        if not isinstance(relation, Table) and relation.because is not None:
            at = relation.because
        yield Misfit(mapped, relation, column, what, at, tuple(because))


def _misfit(project: Project, mapped: Mapped, column: Column) -> str:
    """Why a field can't be held by a column, "" where it can."""
    shown = project.type_name(column.type)
    rules, closed = rows_for(mapped.source.mapping, mapped.shape)
    named = " or ".join(f"`{each}`" for rule in rules for each in rule.postgres)
    if rules and any(
        _is(project.catalog, column.type, each, mapped.shape) for rule in rules for each in rule.postgres
    ):
        return ""
    if rules and closed:
        return f"is {shown}, but the mapping's type table holds {mapped.shape.words} in {named}"
    if fits(project, mapped, column):
        return ""
    if mapped.shape.types == ("number",) and kind_of(project.catalog, column.type).name == "integer":
        return f"is {shown}, and nothing says how {mapped.shape.words} becomes whole units"
    return f"is {shown}, which can't hold {mapped.shape.words}"


def _is(catalog: Catalog, actual: TypeRef, said: str, shape: Shape) -> bool:
    """Whether a column's type is the one that a row names: of its kind for text, with its modifier if given."""
    wanted = said_type(catalog, said)
    if wanted is None:
        return True  # no type of PostgreSQL: nothing can be said; `contract-mapping-outdated` says so
    kind, other = kind_of(catalog, actual), kind_of(catalog, wanted)
    if kind == other and kind.name == "text":
        return True
    if kind.name == "enum" and shape.enum is not None and other.name == "text":
        return True
    return same_type(catalog, actual, wanted)


def same_type(catalog: Catalog, actual: TypeRef, said: TypeRef) -> bool:
    """Whether two types are the same, themselves or through domains; a modifier counts where `said` has one."""
    for each in (actual, base_type(catalog, actual)):
        if each.oid == said.oid and each.array == said.array and said.typmod in (-1, each.typmod):
            return True
    return False


def said_type(catalog: Catalog, said: str) -> TypeRef | None:
    """The type that a text names, None for a text that names none."""
    from schemaguard.catalog.analysis.types import resolve_type
    from schemaguard.statements.fragments import parse_type_name

    text = said.strip()
    node = parse_type_name(SERIALS.get(text.lower(), text))
    if node is None:
        return None
    try:
        return resolve_type(Session(catalog), node)
    except Refused:
        return None


def fits(project: Project, mapped: Mapped, column: Column) -> bool:
    """Whether one of a field's types may be held by a column, by the default table."""
    return any(_fits(project, kind, mapped, column) for kind in mapped.shape.types)


def _fits(project: Project, wanted: str, mapped: Mapped, column: Column) -> bool:
    kind = kind_of(project.catalog, column.type)
    if wanted == "array":
        return kind.array or kind.name in ("json", "range", "other")
    if wanted == "object":
        return not kind.array and kind.name in ("json", "composite", "other", "range")
    if kind.array or kind.name == "composite":
        return False
    if mapped.conversion or kind.name == "other":
        return True  # converted on the way, or a type of which nothing is known
    match wanted:
        case "boolean":
            return kind.name == "boolean"
        case "integer":
            return kind.name == "integer" or _is_whole(base_type(project.catalog, column.type))
        case "number":
            if kind.name == "integer":
                return not (mapped.is_asked or _is_money(project, mapped))
            return kind.name in ("numeric", "float", "money")
        case "string":
            return kind.name in STRINGS.get(mapped.shape.format, _PLAIN_STRING)
        case _:
            return True


def _is_whole(ref: TypeRef) -> bool:
    """Whether a type is numeric without a fraction."""
    return ref.oid == 1700 and ref.typmod != -1 and not (ref.typmod - 4) & 0x7FF


def _is_money(project: Project, mapped: Mapped) -> bool:
    """Whether the column that a field is mapped to holds money, which has a unit."""
    return any(
        mapped.relation is not None and table.oid == mapped.relation.oid and column.name == mapped.name
        for table, column in project.money_columns
    )
