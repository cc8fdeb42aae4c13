"""Column definitions: ColumnDef nodes to Column records, with their sequences, defaults and constraints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.commands.nodes import only, string, strings
from schemaguard.catalog.errors import (
    DATATYPE_MISMATCH,
    INVALID_OBJECT_DEFINITION,
    INVALID_TABLE_DEFINITION,
    SYNTAX_ERROR,
    Refused,
)
from schemaguard.catalog.model import FIRST_USER_OID, Column, Expression, Type, TypeRef
from schemaguard.catalog.names import quote_identifier
from schemaguard.catalog.other_objects import depend_on_collation, find_collation
from schemaguard.catalog.relations import current, replace_column
from schemaguard.catalog.type_records import usable_type

if TYPE_CHECKING:
    from schemaguard.catalog.model import Relation, Sequence, Table
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node

SERIAL_TYPES = {
    "smallserial": 21, "serial2": 21,
    "serial": 23, "serial4": 23,
    "bigserial": 20, "serial8": 20,
}  # fmt: skip
IDENTITY_TYPES = (21, 23, 20)


class ColumnPlan:
    """A column being defined: its record so far, and what can only be added once the table is there.

    `default`, `generated`: raw expressions. `sequence`: options of an identity or serial column's sequence, None where
    it has none. `constraints`: CHECK, PRIMARY KEY, UNIQUE, REFERENCES … nodes written at the column. `copied`: the
    generation expression of another table (a parent, or LIKE), and that table.
    """

    __slots__ = (
        "column", "constraints", "copied", "default", "default_node", "generated", "nullable", "sequence",
    )  # fmt: skip

    def __init__(self, column: Column) -> None:
        """Plan for `column`."""
        self.column = column
        self.default: Node | None = None
        self.default_node: Node | None = None
        self.generated: Node | None = None
        self.sequence: list[Node] | None = None
        self.constraints: list[Node] = []
        self.copied: tuple[Expression, Relation] | None = None
        self.nullable = False


def serial_type(type_name: Node) -> int:
    """The integer type behind a serial pseudo-type, or 0."""
    names = type_name.get("names") or []
    if len(names) == 1 and not type_name.get("arrayBounds"):
        return SERIAL_TYPES.get(string(names[0]), 0)
    return 0


VIRTUAL_SINCE = 18
"""The first version with virtual generated columns; before, the word STORED is part of the grammar."""


def plan_column(run: Run, definition: Node, number: int, table: str) -> ColumnPlan:
    """Read a ColumnDef; `number` is the attribute number it will get, `table` the name of its table."""
    name = definition["colname"]
    type_name = definition.get("typeName")
    because = run.origin(definition)
    integer_type = serial_type(type_name) if type_name else 0
    plain = type_name is None or integer_type
    ref = TypeRef(integer_type) if plain else resolve_column_type(run, type_name or {}, name)
    column = Column(number, name, ref, because=because)
    if collation := definition.get("collClause"):
        column = msgspec.structs.replace(column, collation=named_collation(run, collation, ref))
    plan = ColumnPlan(column)
    if integer_type:
        plan.sequence = []
        plan.column = msgspec.structs.replace(column, not_null=True, not_null_because=because)
    for node in definition.get("constraints") or ():
        _plan_constraint(run, plan, node["Constraint"], table)
    return plan


def named_collation(run: Run, clause: Node, ref: TypeRef) -> str:
    """The collation that a COLLATE clause names.

    Raises:
        Refused: it does not exist, or values of the type have none.
    """
    from schemaguard.catalog.analysis.type_info import type_info
    from schemaguard.catalog.analysis.types import format_type, type_number

    names = strings(clause.get("collname"))
    find_collation(run.session, names)
    if not type_info(run.catalog, type_number(ref)).collatable:
        message = f"collations are not supported by type {format_type(run.catalog, ref)}"
        raise Refused(DATATYPE_MISMATCH, message)
    return ".".join(names)


def resolve_column_type(run: Run, type_name: Node, column: str) -> TypeRef:
    """The type of a column.

    Raises:
        Refused: it does not exist, or is a pseudo-type.
    """
    from schemaguard.catalog.analysis.types import is_pseudo_type, resolve_type

    if type_name.get("setof"):
        raise Refused(INVALID_TABLE_DEFINITION, f'column "{column}" cannot be declared SETOF')
    ref = usable_type(run, resolve_type(run.session, type_name))
    if ref.oid < FIRST_USER_OID and is_pseudo_type(ref):
        from schemaguard.catalog.analysis.types import format_type

        raise Refused(
            INVALID_TABLE_DEFINITION, f'column "{column}" has pseudo-type {format_type(run.catalog, ref)}'
        )
    return ref


def _plan_constraint(run: Run, plan: ColumnPlan, node: Node, table: str) -> None:
    column = plan.column
    replace = msgspec.structs.replace
    match node["contype"]:
        case "CONSTR_NOTNULL":
            if plan.nullable:
                raise _conflict("conflicting NULL/NOT NULL declarations", column, table)
            plan.column = replace(
                column,
                not_null=True,
                not_null_because=run.origin(node),
                not_null_name=node.get("conname", ""),
                not_null_no_inherit=bool(node.get("is_no_inherit")),
            )
        case "CONSTR_NULL":
            if column.not_null:
                raise _conflict("conflicting NULL/NOT NULL declarations", column, table)
            plan.nullable = True
        case "CONSTR_DEFAULT":
            if plan.default is not None or (plan.sequence is not None and not column.identity):
                raise _conflict("multiple default values specified", column, table)
            plan.default, plan.default_node = node["raw_expr"], node
        case "CONSTR_GENERATED":
            plan.generated, plan.default_node = node["raw_expr"], node
            plan.column = replace(column, generated=_generated_kind(run, node))
        case "CONSTR_IDENTITY":
            _plan_identity(run, plan, node)
        case str(contype) if contype.startswith("CONSTR_ATTR_"):
            _apply_attribute(plan, node["contype"])
        case _:
            plan.constraints.append({**node, "_column": column.name})
    _refuse_two_values(plan, table)


def _generated_kind(run: Run, node: Node) -> str:
    """`pg_attribute.attgenerated`: s for STORED, v for VIRTUAL or neither word."""
    kind: str = node.get("generated_kind") or "s"
    if kind == "v" and run.catalog.version < VIRTUAL_SINCE:
        message = f"syntax error: generated columns of PostgreSQL {run.catalog.version} are STORED"
        raise Refused(SYNTAX_ERROR, message, offset=node.get("location", -1))
    return kind


def _refuse_two_values(plan: ColumnPlan, table: str) -> None:
    """A column has a default, an identity or a generation expression, one of the three."""
    column = plan.column
    if plan.default is not None and column.identity:
        raise _conflict("both default and identity specified", column, table)
    if plan.generated is not None and plan.default is not None:
        raise _conflict("both default and generation expression specified", column, table)
    if plan.generated is not None and column.identity:
        raise _conflict("both identity and generation expression specified", column, table)


def _conflict(what: str, column: Column, table: str) -> Refused:
    return Refused(SYNTAX_ERROR, f'{what} for column "{column.name}" of table "{table}"')


def _plan_identity(run: Run, plan: ColumnPlan, node: Node) -> None:
    column = plan.column
    require_identity_type(run, column.type)
    plan.sequence = node.get("options") or []
    plan.default_node = node
    plan.column = msgspec.structs.replace(
        column, identity=node["generated_when"], not_null=True, not_null_because=run.origin(node)
    )


def require_identity_type(run: Run, ref: TypeRef) -> None:
    """Refuse any type for an identity column but the integers and domains over them."""
    base = domain_base(run, ref)
    if base.array or base.oid not in IDENTITY_TYPES:
        raise Refused("22023", "identity column type must be smallint, integer, or bigint")


def _apply_attribute(plan: ColumnPlan, contype: str) -> None:
    """DEFERRABLE and the like stand as nodes of their own after a column's constraint: apply them to it."""
    if not plan.constraints:
        raise Refused(SYNTAX_ERROR, "misplaced DEFERRABLE clause")
    plan.constraints[-1] = with_attribute(plan.constraints[-1], contype)


def with_attribute(constraint: Node, contype: str) -> Node:
    """A constraint node with one of the attribute nodes applied."""
    match contype:
        case "CONSTR_ATTR_DEFERRABLE":
            return {**constraint, "deferrable": True}
        case "CONSTR_ATTR_DEFERRED":
            return {**constraint, "deferrable": True, "initdeferred": True}
        case "CONSTR_ATTR_NOT_ENFORCED":
            return {**constraint, "is_enforced": False, "initially_valid": False, "skip_validation": True}
    return constraint


def domain_base(run: Run, ref: TypeRef) -> TypeRef:
    """The type under a domain (at any depth); the type itself where it is none."""
    while ref.oid >= FIRST_USER_OID and not ref.array:
        record = run.catalog.objects.get(ref.oid)
        if not isinstance(record, Type) or record.kind != "d" or record.base is None:
            break
        ref = record.base
    return ref


def depend_on_types(run: Run, table: int, columns: tuple[Column, ...]) -> None:
    """Record that columns depend on the user-defined types and collations they have."""
    for column in columns:
        if column.type.oid >= FIRST_USER_OID:
            run.catalog.depend(table, column.type.oid, sub=column.number)
        depend_on_collation(run, table, column.collation, sub=column.number)


def bind_default(run: Run, plan: ColumnPlan) -> None:
    """Bind a plan's DEFAULT expression into its column."""
    from schemaguard.catalog.analysis.binding import bind_expression

    if plan.default is None:
        return
    because = run.origin(plan.default_node)
    expression = bind_expression(
        run.session,
        plan.default,
        None,
        because,
        context="default",
        target=plan.column.type,
        name=plan.column.name,
    )
    if not is_null_constant(expression):
        plan.column = msgspec.structs.replace(plan.column, default=expression, default_because=because)


def is_null_constant(expression: Expression) -> bool:
    """Whether an expression is NULL and nothing else: the server stores no default for it.

    A length still to be applied, as in ``varchar(20) DEFAULT NULL``, is something else.
    """
    from schemaguard.catalog.analysis.bound import bound_of
    from schemaguard.catalog.analysis.tree import Const

    tree = bound_of(expression).tree
    return isinstance(tree, Const) and tree.value is None


def bind_generated(run: Run, table: Table, plan: ColumnPlan) -> Table:
    """Bind a plan's GENERATED … STORED expression; the table's new record."""
    from schemaguard.catalog.analysis.binding import bind_expression, for_child

    if plan.copied is not None:
        expression, source = plan.copied
        expression, because = for_child(run.catalog, expression, source, table), plan.column.default_because
    elif plan.generated is not None:
        because = run.origin(plan.default_node)
        expression = bind_expression(
            run.session,
            plan.generated,
            table,
            because,
            context="generated",
            target=plan.column.type,
            name=plan.column.name,
        )
    else:
        return table
    generated = {column.name for column in table.columns if column.generated}
    for used, _number in expression.columns:
        if used in generated:
            raise Refused(
                INVALID_OBJECT_DEFINITION,
                f'cannot use generated column "{used}" in column generation expression',
            )
    column = msgspec.structs.replace(plan.column, default=expression, default_because=because)
    plan.column = column
    table = replace_column(run.catalog, current(run.catalog, table), column)
    for _name, number in expression.columns:
        run.catalog.depend(table.oid, table.oid, sub=column.number, on_sub=number)
    return table


def depend_default(run: Run, table: Table, column: Column) -> None:
    """Record what a column's default or generation expression depends on: functions, sequences, types.

    The edge's `sub` is minus the column's number: what goes with a CASCADE is the default, not the column.
    """
    from schemaguard.catalog.analysis.binding import dependencies

    if column.default is None or is_simple(column.default):
        return
    for oid, sub in dependencies(run.session, column.default, table if column.generated else None):
        if oid != table.oid:
            run.catalog.depend(table.oid, oid, sub=-column.number, on_sub=sub)


def is_simple(expression: Expression) -> bool:
    """Whether an expression is a constant or CURRENT_TIMESTAMP and the like: it depends on nothing."""
    tag, _fields = only(expression.node)
    return tag in ("A_Const", "SQLValueFunction")


def create_sequences(run: Run, table_oid: int, schema: int, table_name: str, plans: list[ColumnPlan]) -> None:
    """Create the sequences of serial and identity columns, and the default `nextval(…)` of the former."""
    from schemaguard.catalog.commands.sequences import create_owned_sequence

    for plan in plans:
        if plan.sequence is None:
            continue
        column = plan.column
        sequence = create_owned_sequence(
            run,
            schema=schema,
            table=table_oid,
            table_name=table_name,
            column=column.name,
            number=column.number,
            type_ref=domain_base(run, column.type),
            options=plan.sequence,
            internal=bool(column.identity),
        )
        if not column.identity:
            expression = nextval_expression(run, sequence, column)
            plan.column = msgspec.structs.replace(column, default=expression, default_because=column.because)


def nextval_expression(run: Run, sequence: Sequence, column: Column) -> Expression:
    """`nextval('…'::regclass)` of a serial column."""
    from schemaguard.catalog.analysis.binding import bind_expression

    name = f"{quote_identifier(run.catalog.schema_name(sequence.schema))}.{quote_identifier(sequence.name)}"
    regclass: Node = {
        "names": [{"String": {"sval": "pg_catalog"}}, {"String": {"sval": "regclass"}}],
        "typemod": -1,
    }
    argument: Node = {"TypeCast": {"arg": {"A_Const": {"sval": {"sval": name}}}, "typeName": regclass}}
    node: Node = {
        "FuncCall": {
            "funcname": [{"String": {"sval": "pg_catalog"}}, {"String": {"sval": "nextval"}}],
            "args": [argument],
            "funcformat": "COERCE_EXPLICIT_CALL",
        }
    }
    return bind_expression(
        run.session, node, None, column.because, context="default", target=column.type, name=column.name
    )
