"""CREATE TYPE … AS RANGE: the range, its multirange, and the constructor functions of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import option_value, strings
from schemaguard.catalog.commands.types import type_acl
from schemaguard.catalog.errors import DATATYPE_MISMATCH, DUPLICATE_OBJECT, SYNTAX_ERROR, Refused
from schemaguard.catalog.model import Argument, Function, Type, TypeRef
from schemaguard.catalog.names import NAME_BYTES, truncate
from schemaguard.catalog.other_objects import add_other, cast_name
from schemaguard.catalog.routines import add_function
from schemaguard.catalog.state import SUPERUSER
from schemaguard.catalog.type_records import add_type, depend_on_type, require_free_type_name, target_of

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node

TEXT = 25

_ATTRIBUTES = ("subtype", "subtype_opclass", "collation", "canonical", "subtype_diff", "multirange_type_name")


# long: one record after the other
def create_range(run: Run, node: Node) -> None:
    """CREATE TYPE … AS RANGE."""
    from schemaguard.catalog.analysis.types import format_type

    schema, name = target_of(run, strings(node["typeName"]))
    catalog = run.catalog
    require_free_type_name(catalog, schema.oid, name)
    given = _given(node)
    subtype = _subtype(run, given)
    oid, multirange_oid = catalog.new_oid(), catalog.new_oid()
    collation = option_value(given.get("collation"))
    record = Type(
        oid=oid,
        schema=schema.oid,
        name=name,
        kind="r",
        owner=run.session.role,
        subtype=subtype,
        multirange=multirange_oid,
        collation=".".join(collation) if isinstance(collation, list) else "",
        acl=type_acl(run, schema.oid),
        because=run.origin(),
    )
    add_type(catalog, record)
    depend_on_type(catalog, oid, subtype)
    multirange_schema, multirange_name = schema.oid, _multirange_name(name)
    if (named := given.get("multirange_type_name")) is not None:
        target, multirange_name = target_of(run, strings(named["TypeName"]["names"]))
        multirange_schema = target.oid
    elif (schema.oid, multirange_name) in catalog.types:
        raise Refused(
            DUPLICATE_OBJECT,
            f'type "{multirange_name}" already exists',
            detail=f'Failed while creating a multirange type for type "{name}".',
            hint='You can manually specify a multirange type name using the "multirange_type_name" '
            "attribute.",
        )
    multirange = Type(
        oid=multirange_oid,
        schema=multirange_schema,
        name=multirange_name,
        kind="m",
        owner=run.session.role,
        subtype=TypeRef(oid),
        because=run.origin(),
    )
    add_type(catalog, multirange)
    catalog.depend(multirange_oid, oid, "i")
    _add_constructors(run, record, multirange)
    texts = [format_type(catalog, TypeRef(one)) for one in (oid, multirange_oid)]
    cast = add_other(run, "pg_cast", 0, cast_name(*texts), detail="e f 0")
    catalog.depend(cast.oid, multirange_oid, "i")


def _given(node: Node) -> dict[str, Node | None]:
    given: dict[str, Node | None] = {}
    for element in node.get("params") or ():
        attribute = element["DefElem"]
        name, offset = attribute["defname"], attribute.get("location", -1)
        if name not in _ATTRIBUTES:
            raise Refused(SYNTAX_ERROR, f'type attribute "{name}" not recognized', offset=offset)
        if name in given:
            raise Refused(SYNTAX_ERROR, "conflicting or redundant options", offset=offset)
        given[name] = attribute.get("arg")
    return given


def _subtype(run: Run, given: dict[str, Node | None]) -> TypeRef:
    from schemaguard.catalog.analysis.types import format_type, is_pseudo_type, resolve_type

    node = given.get("subtype")
    if node is None:
        raise Refused(SYNTAX_ERROR, 'type attribute "subtype" is required')
    found = resolve_type(run.session, node["TypeName"])
    if is_pseudo_type(found):
        raise Refused(DATATYPE_MISMATCH, f"range subtype cannot be {format_type(run.catalog, found)}")
    return TypeRef(found.oid, -1, found.array)


def _multirange_name(range_name: str) -> str:
    """`intrange` → `intmultirange`, `span` → `span_multirange` (`makeMultirangeTypeName`)."""
    before, found, after = range_name.partition("range")
    if found:
        return truncate(f"{before}multirange{after}")
    return truncate(range_name, NAME_BYTES - len("_multirange")) + "_multirange"


def _add_constructors(run: Run, record: Type, multirange: Type) -> None:
    """The functions named as the types: `r(a, b)`, `r(a, b, text)`, `m()`, `m(r)`, `m(VARIADIC r[])`."""
    bound = record.subtype or TypeRef(TEXT)
    in_, own = Argument("", bound), TypeRef(record.oid)
    _constructor(run.catalog, record, (in_, in_), "range_constructor2")
    _constructor(run.catalog, record, (in_, in_, Argument("", TypeRef(TEXT))), "range_constructor3")
    _constructor(run.catalog, multirange, (), "multirange_constructor0")
    _constructor(run.catalog, multirange, (Argument("", own),), "multirange_constructor1")
    many = Argument("", TypeRef(record.oid, -1, array=True), "v")
    _constructor(run.catalog, multirange, (many,), "multirange_constructor2")


def _constructor(catalog: Catalog, of: Type, arguments: tuple[Argument, ...], body: str) -> None:
    function = Function(
        oid=catalog.new_oid(),
        schema=of.schema,
        name=of.name,
        arguments=arguments,
        returns=TypeRef(of.oid),
        language="internal",
        body=body,
        volatility="i",
        parallel="s",
        strict=of.kind == "m",
        owner=SUPERUSER,  # whoever makes the type
        because=of.because,
    )
    add_function(catalog, function)
    catalog.depend(function.oid, of.oid, "i")


HANDLERS = {"CreateRangeStmt": create_range}
