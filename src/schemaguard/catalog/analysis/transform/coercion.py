"""Conversions built into the tree (the building half of `parse_coerce.c`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.analysis.literals.read import read_literal
from schemaguard.catalog.analysis.transform.common_type import select_common_type
from schemaguard.catalog.analysis.transform.pathways import (
    EXPLICIT,
    IMPLICIT,
    Pathway,
    can_coerce,
    find_pathway,
    inherits,
)
from schemaguard.catalog.analysis.transform.polymorphism import POLYMORPHIC
from schemaguard.catalog.analysis.tree import (
    UNRESOLVED,
    ArrayCoerceExpr,
    CaseTestExpr,
    CoerceToDomain,
    CoerceViaIO,
    CollateExpr,
    Const,
    ConvertRowtypeExpr,
    Expr,
    FuncExpr,
    NamedArg,
    RelabelType,
    RowExpr,
    Unresolved,
    Var,
)
from schemaguard.catalog.analysis.type_info import row_columns
from schemaguard.catalog.builtin import types as pg
from schemaguard.catalog.builtin.functions import Routine, function_at
from schemaguard.catalog.errors import DATATYPE_MISMATCH, Refused
from schemaguard.catalog.model import Function

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.catalog.analysis.tree import Form

CANNOT_COERCE = "42846"

_LEFT_AS_IS = {pg.ANY, pg.ANYELEMENT, pg.ANYNONARRAY, pg.ANYCOMPATIBLE, pg.ANYCOMPATIBLENONARRAY}
_HIDEABLE = (FuncExpr, RelabelType, CoerceViaIO, ArrayCoerceExpr, ConvertRowtypeExpr, RowExpr, CoerceToDomain)


def coerce_to_target(
    environment: Environment, expr: Expr, target: int, typmod: int, context: int, form: Form
) -> Expr | None:
    """The expression converted to a type and modifier, None where there is no way (`coerce_to_target_type`)."""
    if expr.type == UNRESOLVED:
        return _of_unresolved(expr, target, typmod, form)
    if expr.type not in {pg.UNKNOWN, target} and not can_coerce(environment, [expr.type], [target], context):
        reason = _unknown_cast(environment, expr.type, target)
        return Unresolved(target, typmod, reason=reason, args=(expr,)) if reason else None
    inner = expr
    while isinstance(inner, CollateExpr):
        inner = inner.arg
    result = coerce(environment, inner, target, typmod, context, form)
    hide = result is not inner and not isinstance(result, Const)
    result = coerce_typmod(environment, result, target, typmod, context, form, hide=hide)
    if isinstance(expr, CollateExpr) and environment.info(target).collatable:
        return CollateExpr(result.type, result.typmod, arg=result, collation=expr.collation)
    return result


def _of_unresolved(expr: Expr, target: int, typmod: int, form: Form) -> Expr:
    """A cast of something unknown: what is meant is clear where the cast is written, and it is kept as one."""
    if form == "explicit":
        return CoerceViaIO(target, typmod, arg=expr, form=form)
    return Unresolved(target, typmod, reason=getattr(expr, "reason", "its type is not known"), args=(expr,))


def _unknown_cast(environment: Environment, source: int, target: int) -> str:
    """Why a cast may exist that is not known; "" if it can't."""
    for number in (source, target):
        if environment.info(number).external:
            return f"the casts of type {environment.type_text(number)} are not known"
    return ""


def coerce(environment: Environment, expr: Expr, target: int, typmod: int, context: int, form: Form) -> Expr:
    """The expression converted to a type that it can be converted to (`coerce_type`).

    The modifier is not applied yet: see `coerce_typmod`.

    Raises:
        Refused: a literal is no value of the type.
    """
    source = expr.type
    if target == source or target in _LEFT_AS_IS:
        return expr
    if source == UNRESOLVED:
        return _of_unresolved(expr, target, typmod, form)
    if target in POLYMORPHIC:
        if source != pg.UNKNOWN:
            base = environment.base(source)
            return expr if base == source else RelabelType(base, -1, arg=expr, form="implicit")
    elif source == pg.UNKNOWN and isinstance(expr, Const):
        return _literal(environment, expr, target, typmod, context, form)
    if isinstance(expr, CollateExpr):
        inner = coerce(environment, expr.arg, target, typmod, context, form)
        if not environment.info(target).collatable:
            return inner
        return CollateExpr(inner.type, inner.typmod, arg=inner, collation=expr.collation)
    pathway = find_pathway(environment, target, source, context)
    if pathway is not None:
        return _along(environment, pathway, expr, target, typmod, context, form)
    if source == pg.RECORD:
        return _record_to_complex(environment, expr, target, context, form)
    if target in (pg.RECORD, -pg.RECORD):
        return expr
    if inherits(environment, source, target):
        return ConvertRowtypeExpr(target, -1, arg=expr, form=form)
    message = f"failed to find conversion function from {environment.type_text(source)}"
    raise Refused("XX000", f"{message} to {environment.type_text(target)}")


def _literal(
    environment: Environment, literal: Const, target: int, typmod: int, context: int, form: Form
) -> Expr:
    """An untyped literal read as a value of a type."""
    info = environment.info(target)
    base_typmod = typmod if info.base == target else info.base_typmod
    result: Expr = read_literal(
        environment, info.base, base_typmod if info.base == pg.INTERVAL else -1, literal.value
    )
    if info.base != target:
        result = to_domain(environment, result, target, context, form)
    return result


def _along(
    environment: Environment, pathway: Pathway, expr: Expr, target: int, typmod: int, context: int, form: Form
) -> Expr:
    info = environment.info(target)
    if pathway.kind == "relabel":
        result = to_domain(environment, expr, target, context, form)
        return RelabelType(target, -1, arg=expr, form=form) if result is expr else result
    base_typmod = typmod if info.base == target else info.base_typmod
    result = _convert(environment, pathway, expr, info.base, base_typmod, context, form)
    return result if info.base == target else to_domain(environment, result, target, context, form, hide=True)


def _convert(
    environment: Environment, pathway: Pathway, expr: Expr, target: int, typmod: int, context: int, form: Form
) -> Expr:
    """The node that converts by function, by element or by way of text (`build_coercion_expression`)."""
    if pathway.kind == "io":
        return CoerceViaIO(target, -1, arg=expr, form=form)
    if pathway.kind == "array":
        source_element = environment.info(environment.base(expr.type)).element
        element_type = environment.info(target).element
        test = CaseTestExpr(source_element, expr.typmod)
        element = coerce_to_target(environment, test, element_type, typmod, context, form)
        if element is None:  # a pathway was found, so there is one for the elements
            raise Refused(CANNOT_COERCE, "failed to coerce array element type as expected")
        return ArrayCoerceExpr(target, element.typmod, arg=expr, element=element, form=form)
    cast = pathway.cast
    if cast is None:
        raise ValueError(pathway)
    args = [expr]
    if cast.arguments > 1:
        args.append(Const(pg.INT4, value=str(typmod)))
    if cast.arguments > 2:
        args.append(Const(pg.BOOL, value="t" if context == EXPLICIT else "f"))
    length = typmod if cast.source == cast.target else -1
    return FuncExpr(target, length, routine=_routine_of_cast(environment, cast), args=tuple(args), form=form)


def _routine_of_cast(environment: Environment, cast: object) -> Routine:
    """The function that carries out a cast; an extension's is made up from the cast, for it is never printed."""
    from schemaguard.catalog.builtin.operators import Cast

    if not isinstance(cast, Cast):
        raise TypeError(cast)
    found = function_at(cast.oid) if cast.oid else None
    if found is not None:
        return found
    made = environment.catalog.objects.get(cast.oid)
    if isinstance(made, Function):
        from schemaguard.catalog.analysis.environment import routine_of

        return routine_of(made)
    schema = environment.catalog.objects[cast.extension].schema if cast.extension else 0
    return Routine(
        0, cast.function, schema, "f", cast.target, returns_set=False, arguments=(cast.source,), flags="i",
        extension=cast.extension,
    )  # fmt: skip


def to_domain(
    environment: Environment, expr: Expr, target: int, context: int, form: Form, *, hide: bool = False
) -> Expr:
    """The expression as a value of a domain; itself where the type is none (`coerce_to_domain`)."""
    info = environment.info(target)
    if info.base == target:
        return expr
    if hide:
        expr = hidden(expr)
    expr = coerce_typmod(environment, expr, info.base, info.base_typmod, context, "implicit")
    return CoerceToDomain(target, -1, arg=expr, form=form)


def coerce_typmod(
    environment: Environment,
    expr: Expr,
    target: int,
    typmod: int,
    context: int,
    form: Form,
    *,
    hide: bool = False,
) -> Expr:
    """The expression held to a type's modifier (`coerce_type_typmod`)."""
    if typmod == expr.typmod:
        return expr
    if hide:
        expr = hidden(expr)
    pathway = None if typmod < 0 else _length_pathway(environment, target)
    if pathway is not None:
        return _convert(environment, pathway, expr, target, typmod, context, form)
    return relabelled(expr, target, typmod, form)


def _length_pathway(environment: Environment, number: int) -> Pathway | None:
    """The cast of a type to itself that applies its modifier."""
    element = -number if number < 0 else number
    cast = environment.cast(element, element)
    if cast is None:
        return None
    return Pathway("array") if number < 0 else Pathway("function", cast)


def relabelled(expr: Expr, target: int, typmod: int, form: Form) -> Expr:
    """The expression called by another type; stacked relabellings become one (`applyRelabelType`)."""
    while isinstance(expr, RelabelType):
        expr = expr.arg
    if isinstance(expr, Const):
        return msgspec.structs.replace(expr, type=target, typmod=typmod)
    if expr.type == target and expr.typmod == typmod:
        return expr
    return RelabelType(target, typmod, arg=expr, form=form)


def hidden(expr: Expr) -> Expr:
    """The same conversion, not shown when printed (`hide_coercion_node`)."""
    if isinstance(expr, _HIDEABLE):
        return msgspec.structs.replace(expr, form="implicit")
    return expr


def strip_implicit(expr: Expr) -> Expr:
    """The expression below the casts that nobody wrote (`strip_implicit_coercions`)."""
    while isinstance(expr, _HIDEABLE) and expr.form == "implicit" and not isinstance(expr, RowExpr):
        expr = expr.args[0] if isinstance(expr, FuncExpr) else expr.arg
    return expr


def _record_to_complex(environment: Environment, expr: Expr, target: int, context: int, form: Form) -> Expr:
    """A ROW() as a value of a composite type, field by field."""
    from schemaguard.catalog.analysis.tree import FieldSelect

    columns = row_columns(environment.catalog, target) or ()
    if isinstance(expr, RowExpr):
        args: Sequence[Expr] = expr.args
    elif isinstance(expr, Var) and expr.attribute == 0:
        args = [FieldSelect(0, arg=expr, field=number, name="") for number in range(1, len(columns) + 1)]
    else:
        return Unresolved(target, reason="a record of unknown shape is cast to a row type", args=(expr,))
    name = environment.type_text(target)
    if len(args) != len(columns):
        few = "few" if len(args) < len(columns) else "many"
        raise Refused(
            CANNOT_COERCE, f"cannot cast type record to {name}", detail=f"Input has too {few} columns."
        )
    fields = []
    for at, (arg, column) in enumerate(zip(args, columns, strict=True), 1):
        number = -column.type.oid if column.type.array else column.type.oid
        field = coerce_to_target(environment, arg, number, column.type.typmod, context, "implicit")
        if field is None:
            raise Refused(
                CANNOT_COERCE,
                f"cannot cast type record to {name}",
                detail=f"Cannot cast type {environment.type_text(arg.type)} to "
                f"{environment.type_text(number)} in column {at}.",
            )
        fields.append(field)
    info = environment.info(target)
    row: Expr = RowExpr(info.base, -1, args=tuple(fields), form=form)
    return row if info.base == target else to_domain(environment, row, target, context, form)


def coerce_arguments(environment: Environment, args: Sequence[Expr], declared: Sequence[int]) -> list[Expr]:
    """The arguments converted to what a function or operator declares (`make_fn_arguments`)."""
    found: list[Expr] = []
    for arg, target in zip(args, declared, strict=False):
        if arg.type == target:
            found.append(arg)
        elif isinstance(arg, NamedArg):
            inner = coerce(environment, arg.arg, target, -1, IMPLICIT, "implicit")
            found.append(NamedArg(inner.type, inner.typmod, name=arg.name, arg=inner))
        else:
            found.append(coerce(environment, arg, target, -1, IMPLICIT, "implicit"))
    return found


def coerce_to_boolean(environment: Environment, expr: Expr, construct: str) -> Expr:
    """The expression as a truth value.

    Raises:
        Refused: it is of another type; `construct` names what needs it.
    """
    if expr.type != pg.BOOL:
        found = coerce_to_target(environment, expr, pg.BOOL, -1, 1, "implicit")
        if found is None:
            raise Refused(
                DATATYPE_MISMATCH,
                f"argument of {construct} must be type boolean, not type {environment.type_text(expr.type)}",
            )
        return found
    return expr


def coerce_to_specific(
    environment: Environment, expr: Expr, target: int, construct: str, typmod: int = -1
) -> Expr:
    """The expression as a value of a type, by an assignment cast.

    Raises:
        Refused: it is of another type; `construct` names what needs it.
    """
    if expr.type == target:
        return expr
    found = coerce_to_target(environment, expr, target, typmod, 1, "implicit")
    if found is None:
        raise Refused(
            DATATYPE_MISMATCH,
            f"argument of {construct} must be type {environment.type_text(target)}, "
            f"not type {environment.type_text(expr.type)}",
        )
    return found


def coerce_to_common(environment: Environment, expr: Expr, target: int, construct: str) -> Expr:
    """The expression as a value of the common type that was selected.

    Raises:
        Refused: it can't be.
    """
    if expr.type == target:
        return expr
    if (
        expr.type == pg.UNKNOWN
        or UNRESOLVED in (target, expr.type)
        or can_coerce(environment, [expr.type], [target], IMPLICIT)
    ):
        return coerce(environment, expr, target, -1, IMPLICIT, "implicit") if target != UNRESOLVED else expr
    raise Refused(
        CANNOT_COERCE,
        f"{construct} could not convert type {environment.type_text(expr.type)} "
        f"to {environment.type_text(target)}",
    )


def coerce_all_to_common(
    environment: Environment, exprs: Sequence[Expr], construct: str
) -> tuple[int, tuple[Expr, ...]]:
    """The common type of the expressions, and them converted to it."""
    common = select_common_type(environment, exprs, construct)
    return common, tuple(coerce_to_common(environment, expr, common, construct) for expr in exprs)
