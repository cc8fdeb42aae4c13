"""Constants as text (`get_const_expr`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.literals.containers import read_array
from schemaguard.catalog.analysis.literals.objects import REG_TYPES
from schemaguard.catalog.analysis.literals.read import renamed_labels
from schemaguard.catalog.analysis.ruleutils.visibility import relation_name
from schemaguard.catalog.analysis.type_info import relation_at
from schemaguard.catalog.analysis.types import format_type, type_ref
from schemaguard.catalog.builtin import types as pg
from schemaguard.catalog.builtin.functions import function_at
from schemaguard.catalog.errors import Opaque
from schemaguard.catalog.model import Function, Role, Schema
from schemaguard.catalog.names import quote_identifier
from schemaguard.catalog.state import PG_CATALOG

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.tree import Const
    from schemaguard.catalog.state import Catalog


def quote_literal(text: str) -> str:
    """The text in single quotes, as `simple_quote_literal` writes it with standard_conforming_strings."""
    return "'" + text.replace("'", "''") + "'"


def print_constant(catalog: Catalog, constant: Const, label: int = 0) -> str:
    """The constant as SQL. `label`: -1 without its type, 1 with it, 0 with it where it would be read as another one.

    Raises:
        Opaque: its value can't be told.
    """
    number, typmod = constant.type, constant.typmod
    if constant.value is None:
        return "NULL" if label < 0 else f"NULL::{format_type(catalog, type_ref(number, typmod))}"
    if constant.reason:
        raise Opaque(constant.reason)
    value = _value(catalog, constant)
    needs_label = True
    if number == pg.BOOL:
        text, needs_label = ("true" if value == "t" else "false"), False
    elif number == pg.INT4 and not value.startswith("-"):
        text, needs_label = value, False
    elif number == pg.NUMERIC and value[0].isdigit() and any(char in "eE." for char in value):
        text, needs_label = value, typmod >= 0
    else:
        text = quote_literal(value)
        needs_label = number != pg.UNKNOWN
    if label > 0 or (label == 0 and needs_label):
        return f"{text}::{format_type(catalog, type_ref(number, typmod))}"
    return text


def _value(catalog: Catalog, constant: Const) -> str:
    value = constant.value or ""
    if constant.type in REG_TYPES and constant.object:
        return _object_name(catalog, constant)
    renamed = renamed_labels(catalog, abs(constant.type))[constant.renames :]
    if not renamed:
        return value

    def present(label: str) -> str:
        for old, new in renamed:
            if label == old:
                label = new
        return label

    return present(value) if constant.type > 0 else read_array(value, present)


def _object_name(catalog: Catalog, constant: Const) -> str:
    """The present name of the object that a `regclass` or the like means."""
    oid = constant.object
    match constant.type:
        case 2205:
            relation = relation_at(catalog, oid)
            return relation_name(catalog, relation) if relation is not None else str(oid)
        case 2206:
            return format_type(catalog, type_ref(oid))
        case 4096:
            return quote_identifier(catalog.get(oid, Role).name)
        case 4089:
            return quote_identifier(catalog.get(oid, Schema).name)
        case 24:
            return _function_name(catalog, oid)
    return constant.value or ""


def _function_name(catalog: Catalog, oid: int) -> str:
    builtin = function_at(oid)
    if builtin is not None:
        return quote_identifier(builtin.name)
    function = catalog.get(oid, Function)
    name = quote_identifier(function.name)
    if function.schema in (catalog.public, PG_CATALOG):
        return name
    return f"{quote_identifier(catalog.schema_name(function.schema))}.{name}"
