"""Functions that look up objects: `to_regclass`, visibility, comments, owners, sequences of columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.errors import UNDEFINED_COLUMN, Refused
from schemaguard.catalog.model import Function, Relation, Role, Sequence, Type, TypeRef
from schemaguard.catalog.names import quote_identifier
from schemaguard.catalog.state import PG_CATALOG
from schemaguard.plpgsql.context import find_relation, functions_in_path, ref_of_type, relation_at, split_name
from schemaguard.plpgsql.values.kinds import Reg, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.plpgsql.context import Context


def _to_reg(kind: str) -> Callable[[Context, str], Value]:
    """`to_regclass` and its like: NULL instead of an error."""

    def run(context: Context, text: str) -> Value:
        try:
            return context.reg(kind, text)
        except Refused:
            return None

    return run


def oid_of(value: Value) -> int:
    """The oid of a value that is one, or a regclass or its like."""
    return value.oid if isinstance(value, Reg) else int(value)


def _format_type(context: Context, oid: Value, typmod: Value) -> Value:
    if oid is None:
        return None
    number = oid_of(oid)
    if number == 0:
        return "-"
    return context.type_text(ref_of_type(number, -1 if typmod is None else typmod))


def _table_is_visible(context: Context, oid: Value) -> Value:
    record = relation_at(context, oid_of(oid))
    if record is None:
        return None
    found = find_relation(context, [record.name])
    return found is not None and found.oid == record.oid


def _type_is_visible(context: Context, oid: Value) -> Value:
    from schemaguard.catalog.analysis.types import lookup_type

    ref = ref_of_type(oid_of(oid))
    record = context.catalog.objects.get(ref.oid)
    if not isinstance(record, Type):
        return True
    found = lookup_type(context.session, [record.name])
    return found is not None and found.oid == ref.oid


def _function_is_visible(context: Context, oid: Value) -> Value:
    record = context.catalog.objects.get(oid_of(oid))
    if not isinstance(record, Function) or record.schema == PG_CATALOG:
        return True
    return record in functions_in_path(context, [record.name])


def _obj_description(context: Context, oid: Value, _catalog: str = "") -> Value:
    found = context.catalog.comment(oid_of(oid))
    return None if found is None else found.text


def _col_description(context: Context, oid: Value, number: int) -> Value:
    found = context.catalog.comment(oid_of(oid), number)
    return None if found is None else found.text


def _userbyid(context: Context, oid: Value) -> str:
    record = context.catalog.objects.get(oid_of(oid))
    return record.name if isinstance(record, Role) else f"unknown (OID={oid_of(oid)})"


def _serial_sequence(context: Context, table: str, column: str) -> Value:
    relation: Relation = context.catalog.get(context.read_reg("regclass", table).oid, Relation)
    found = relation.column(column)
    if found is None:
        message = f'column "{column}" of relation "{relation.name}" does not exist'
        raise Refused(UNDEFINED_COLUMN, message)
    for edge in context.catalog.dependents.get(relation.oid, ()):
        record = context.catalog.objects.get(edge.oid)
        if isinstance(record, Sequence) and record.owned_by == (relation.oid, found.number):
            schema = quote_identifier(context.catalog.schema_name(record.schema))
            return f"{schema}.{quote_identifier(record.name)}"
    return None


def _parse_ident(_context: Context, text: str, _strict: bool = True) -> list[str]:
    return split_name(text)


def _base_type(context: Context, value: Value) -> Value:
    ref = ref_of_type(oid_of(value))
    record = context.catalog.objects.get(ref.oid)
    while isinstance(record, Type) and record.kind == "d" and record.base is not None:
        ref = TypeRef(record.base.oid, array=record.base.array)
        record = context.catalog.objects.get(ref.oid)
    return Reg("regtype", oid_of(value) if ref.oid == oid_of(value) else ref.oid)


STRICT: dict[str, Callable[..., Value]] = {
    "to_regclass": _to_reg("regclass"),
    "to_regtype": _to_reg("regtype"),
    "to_regrole": _to_reg("regrole"),
    "to_regnamespace": _to_reg("regnamespace"),
    "to_regproc": _to_reg("regproc"),
    "to_regprocedure": _to_reg("regprocedure"),
    "pg_table_is_visible": _table_is_visible,
    "pg_type_is_visible": _type_is_visible,
    "pg_function_is_visible": _function_is_visible,
    "obj_description": _obj_description,
    "shobj_description": _obj_description,
    "col_description": _col_description,
    "pg_get_userbyid": _userbyid,
    "pg_get_serial_sequence": _serial_sequence,
    "parse_ident": _parse_ident,
    "pg_basetype": _base_type,
}
CALLED_ON_NULL: dict[str, Callable[..., Value]] = {"format_type": _format_type}
