"""What expressions and queries are evaluated in: the catalog, the session that sees it, and who runs functions."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson
from pglast.parser import ParseError, parse_sql_json

from schemaguard.catalog.errors import (
    SYNTAX_ERROR,
    UNDEFINED_FUNCTION,
    UNDEFINED_OBJECT,
    UNDEFINED_TABLE,
    Refused,
)
from schemaguard.catalog.model import Function, Relation, Role, Schema, TypeRef
from schemaguard.catalog.names import quote_identifier
from schemaguard.catalog.state import PG_CATALOG
from schemaguard.plpgsql.values.kinds import Reg, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from schemaguard.catalog.session import Session
    from schemaguard.statements.statement import Node

# `pg_type.oid` of the array types that people write as numbers; any other array is the negative oid of its element.
ARRAY_OIDS = {
    16: 1000, 17: 1001, 18: 1002, 19: 1003, 20: 1016, 21: 1005, 23: 1007, 25: 1009, 26: 1028, 114: 199, 700: 1021,
    701: 1022, 1042: 1014, 1043: 1015, 1082: 1182, 1114: 1115, 1184: 1185, 1186: 1187, 1700: 1231, 2205: 2210,
    2950: 2951, 3802: 3807, 869: 1041, 1033: 1034,
}  # fmt: skip
ELEMENT_OIDS = {array: element for element, array in ARRAY_OIDS.items()}


class Context:
    """One evaluation's surroundings.

    `invoke` runs a routine that the history defines and gives its result; without it such a call is unknown.
    `at_run_time`: it is not the migration that evaluates, but the application later on, with settings of its own.
    """

    def __init__(
        self, session: Session, invoke: Callable[[Function, list[Value]], Value] | None = None
    ) -> None:
        """Evaluate in `session`."""
        self.session = session
        self.catalog = session.catalog
        self.invoke = invoke
        self.at_run_time = False
        self._cache: dict[Hashable, Any] = {}
        self._cache_mark = -1

    def cached(self, key: Hashable, make: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever `make` makes
        """What `make` gives, remembered until the catalog changes."""
        mark = self.catalog.mark()
        if mark != self._cache_mark:
            self._cache.clear()
            self._cache_mark = mark
        if key not in self._cache:
            self._cache[key] = make()
        return self._cache[key]

    # Types

    def type_named(self, node: Node) -> TypeRef:
        """The type of a TypeName node's fields.

        Raises:
            Refused: there is none.
        """
        from schemaguard.catalog.analysis.types import resolve_type

        return resolve_type(self.session, node)

    def type_text(self, ref: TypeRef) -> str:
        """The type as `format_type` prints it."""
        from schemaguard.catalog.analysis.types import format_type

        return format_type(self.catalog, ref)

    # Names of objects as values

    def read_reg(self, kind: str, text: str) -> Reg:
        """The object that a text names, as a cast to regclass and its like finds it.

        Raises:
            Refused: there is none.
        """
        return Reg(kind, _READERS[kind](self, text))

    def reg(self, kind: str, text: str) -> Reg | Unknown:
        """As `read_reg`; unknown where something of that name is perhaps there, or not.

        Raises:
            Refused: there is none.
        """
        from schemaguard.catalog.uncertainty import doubts, in_doubt

        try:
            found = self.read_reg(kind, text)
        except Refused as refused:
            if why := in_doubt(self.catalog, refused.message):
                return Unknown(why)
            raise
        why = doubts(self.catalog).existence.get((found.oid, 0), "")
        return Unknown(why) if why else found

    def reg_text(self, value: Reg) -> str:
        """The name of the object, qualified where the search path does not find it; without one its number."""
        if value.oid == 0:
            return "-"
        return _PRINTERS[value.kind](self, value.oid) or str(value.oid)


def type_oid(ref: TypeRef) -> int:
    """The number of a type as `pg_type.oid` has it."""
    return ARRAY_OIDS.get(ref.oid, -ref.oid) if ref.array else ref.oid


def ref_of_type(oid: int, typmod: int = -1) -> TypeRef:
    """The type of that number."""
    if oid < 0:
        return TypeRef(-oid, typmod, array=True)
    element = ELEMENT_OIDS.get(oid)
    return TypeRef(oid, typmod) if element is None else TypeRef(element, typmod, array=True)


@lru_cache(maxsize=1024)
def parse_expression(text: str) -> Node:
    """The node of an expression. Its locations are byte offsets in ``SELECT (text)``: 8 more than in `text`.

    Raises:
        Refused: it is not one (SQLSTATE 42601).
    """
    [target] = _parse(f"SELECT ({text}\n)")["SelectStmt"]["targetList"]
    node: Node = target["ResTarget"]["val"]
    return node


@lru_cache(maxsize=256)
def parse_type(text: str) -> Node:
    """The TypeName fields of a type's text, which may be ``table.column%TYPE``."""
    node: Node = _parse(f"CREATE FUNCTION f() RETURNS {text} AS ''")["CreateFunctionStmt"]["returnType"]
    return node


@lru_cache(maxsize=512)
def parse_query(text: str) -> Node:
    """The ``{tag: fields}`` of one statement.

    Raises:
        Refused: it does not parse, or is not one statement.
    """
    return _parse(text)


def _parse(text: str) -> Node:
    try:
        statements = orjson.loads(parse_sql_json(text)).get("stmts", ())
    except ParseError as error:
        raise Refused(SYNTAX_ERROR, str(error.args[0])) from None
    if len(statements) != 1:
        raise Refused(SYNTAX_ERROR, "cannot insert multiple commands into a prepared statement")
    node: Node = statements[0]["stmt"]
    return node


def split_name(text: str) -> list[str]:
    """The parts of a possibly qualified and quoted name (`parse_ident`).

    Raises:
        Refused: it is not one.
    """
    parts: list[str] = []
    at = 0
    text = text.strip()
    while True:
        if text[at : at + 1] == '"':
            end = at + 1
            while end < len(text) and (text[end] != '"' or text[end + 1 : end + 2] == '"'):
                end += 2 if text[end] == '"' else 1
            parts.append(text[at + 1 : end].replace('""', '"'))
            at = end + 1
        else:
            end = text.find(".", at)
            end = len(text) if end < 0 else end
            parts.append(text[at:end].strip().lower())
            at = end
        if not parts[-1] or at > len(text):
            raise Refused("42602", "invalid name syntax")
        if at == len(text):
            return parts
        if text[at] != ".":
            raise Refused("42602", "invalid name syntax")
        at += 1


def find_relation(context: Context, parts: list[str]) -> Any:  # noqa: ANN401 - a relation's record, or None
    """The relation of a possibly qualified name, those of the system included."""
    from schemaguard.catalog.builtin.relations import system_relation

    node = {"relname": parts[-1]} | ({"schemaname": parts[-2]} if len(parts) > 1 else {})
    found = context.session.find_relation(node)
    if found is None or len(parts) == 1:
        schemas = [parts[-2]] if len(parts) > 1 else ["pg_catalog"]
        if len(parts) == 1 and "information_schema" in context.session.search_path:
            schemas.append("information_schema")
        for schema in schemas:
            found = system_relation(schema, parts[-1]) or found
    return found


def relation_at(context: Context, oid: int) -> Relation | None:
    """The relation of that oid, those of the system included."""
    from schemaguard.catalog.builtin.relations import system_relation_at

    record = context.catalog.objects.get(oid)
    return record if isinstance(record, Relation) else system_relation_at(oid)


def _read_class(context: Context, text: str) -> int:
    found = find_relation(context, split_name(text))
    if found is None:
        raise Refused(UNDEFINED_TABLE, f'relation "{text.strip()}" does not exist')
    return int(found.oid)


def _read_type(context: Context, text: str) -> int:
    return type_oid(context.type_named(parse_type(text)))


def _read_role(context: Context, text: str) -> int:
    [name] = split_name(text)
    if name not in context.catalog.roles:
        raise Refused(UNDEFINED_OBJECT, f'role "{name}" does not exist')
    return context.catalog.roles[name]


def _read_schema(context: Context, text: str) -> int:
    [name] = split_name(text)
    return context.session.schema(name).oid


def functions_in_path(context: Context, parts: list[str]) -> list[Function]:
    """The overloads of a possibly qualified function name that the session sees, nearest first."""
    catalog = context.catalog
    if len(parts) > 1:
        return catalog.functions_named(catalog.schemas.get(parts[-2], -1), parts[-1])
    return [
        item
        for schema in context.session.lookup_schemas()
        for item in catalog.functions_named(schema, parts[-1])
    ]


def _read_function(context: Context, text: str) -> int:
    from schemaguard.catalog.builtin.functions import functions_named

    parts = split_name(text)
    found: list[int] = [function.oid for function in functions_in_path(context, parts)]
    if not found and (len(parts) == 1 or parts[-2] == "pg_catalog"):
        found = [routine.oid for routine in functions_named(parts[-1])]
    if not found:
        raise Refused(UNDEFINED_FUNCTION, f'function "{text}" does not exist')
    if len(found) > 1:
        raise Refused("42725", f'more than one function named "{text}"')
    return found[0]


def _read_signature(context: Context, text: str) -> int:
    from schemaguard.catalog.routines import find_routine

    node = _parse(f"ALTER FUNCTION {text} STABLE")["AlterFunctionStmt"]["func"]
    found = find_routine(context.session, "OBJECT_ROUTINE", node, missing_ok=True)
    if found is None:
        raise Refused(UNDEFINED_FUNCTION, f'function "{text}" does not exist')
    return found.oid


def _print_class(context: Context, oid: int) -> str:
    record = relation_at(context, oid)
    if record is None:
        return ""
    visible = find_relation(context, [record.name])
    return _qualified(context, record.schema, record.name, visible=visible is not None and visible.oid == oid)


def _print_type(context: Context, oid: int) -> str:
    return context.type_text(ref_of_type(oid))


def _print_function(context: Context, oid: int) -> str:
    from schemaguard.catalog.builtin.functions import function_at

    record = context.catalog.objects.get(oid)
    if not isinstance(record, Function):
        routine = function_at(oid)
        return "" if routine is None else quote_identifier(routine.name)
    found = functions_in_path(context, [record.name])
    return _qualified(context, record.schema, record.name, visible=bool(found) and found[0].oid == oid)


def _print_signature(context: Context, oid: int) -> str:
    record = context.catalog.objects.get(oid)
    if not isinstance(record, Function):
        return ""
    found = functions_in_path(context, [record.name])
    name = _qualified(context, record.schema, record.name, visible=record in found)
    types = (context.type_text(TypeRef(item.type.oid, -1, item.type.array)) for item in record.inputs)
    return f"{name}({','.join(types)})"


def _print_role(context: Context, oid: int) -> str:
    record = context.catalog.objects.get(oid)
    return quote_identifier(record.name) if isinstance(record, Role) else ""


def _print_schema(context: Context, oid: int) -> str:
    record = context.catalog.objects.get(oid)
    return quote_identifier(record.name) if isinstance(record, Schema) else ""


def _qualified(context: Context, schema: int, name: str, *, visible: bool) -> str:
    if visible or schema == PG_CATALOG:
        return quote_identifier(name)
    return f"{quote_identifier(context.catalog.schema_name(schema))}.{quote_identifier(name)}"


def not_evaluated(name: str) -> Unknown:
    """The value of what only a server computes."""
    return Unknown(f"`{name}` is not evaluated here")


_READERS: dict[str, Callable[[Context, str], int]] = {
    "regclass": _read_class,
    "regtype": _read_type,
    "regrole": _read_role,
    "regnamespace": _read_schema,
    "regproc": _read_function,
    "regprocedure": _read_signature,
}
_PRINTERS: dict[str, Callable[[Context, int], str]] = {
    "regclass": _print_class,
    "regtype": _print_type,
    "regrole": _print_role,
    "regnamespace": _print_schema,
    "regproc": _print_function,
    "regprocedure": _print_signature,
}
