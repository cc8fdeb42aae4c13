"""Subscripts of arrays, jsonb and the fixed-length types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.transform.coercion import coerce, coerce_to_target
from schemaguard.catalog.analysis.transform.pathways import ASSIGNMENT, IMPLICIT, can_coerce
from schemaguard.catalog.analysis.tree import UNRESOLVED, Expr, SubscriptingRef, Unresolved
from schemaguard.catalog.builtin import types as pg
from schemaguard.catalog.errors import DATATYPE_MISMATCH, FEATURE_NOT_SUPPORTED, Refused

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.catalog.analysis.transform.scope import ParseState
    from schemaguard.statements.statement import Node

JSONB_SUBSCRIPTS_SINCE = 14


def transform_subscripts(state: ParseState, arg: Expr, indices: list[Node]) -> Expr:
    """``arg[i][j]`` or ``arg[i:j]``.

    Raises:
        Refused: the type takes no subscripts, or not of that type.
    """
    environment = state.environment
    if arg.type == UNRESOLVED:
        return Unresolved(UNRESOLVED, reason=getattr(arg, "reason", "its type is not known"), args=(arg,))
    info = environment.info(environment.base(arg.type))
    typmod = arg.typmod if info.number == arg.type else environment.info(arg.type).base_typmod
    if info.number == pg.JSONB and environment.version >= JSONB_SUBSCRIPTS_SINCE:
        return _of_json(state, arg, indices)
    row = pg.BY_OID.get(info.number)
    element = info.element or (row.element if row is not None else 0)
    if not element:
        name = environment.type_text(arg.type)
        raise Refused(
            DATATYPE_MISMATCH, f"cannot subscript type {name} because it does not support subscripting"
        )
    if any(index.get("is_slice") for index in indices):
        uppers, lowers = _slice(state, indices)
        return SubscriptingRef(info.number, typmod, arg=arg, upper=uppers, lower=lowers)
    upper = tuple(_index(state, index["uidx"]) for index in indices)
    return SubscriptingRef(element, typmod, arg=arg, upper=upper)


def _slice(state: ParseState, indices: list[Node]) -> tuple[tuple[Expr | None, ...], tuple[Expr | None, ...]]:
    """Bounds of each dimension; a plain subscript among slices means from 1."""
    from schemaguard.catalog.analysis.tree import Const

    uppers: list[Expr | None] = []
    lowers: list[Expr | None] = []
    for index in indices:
        if index.get("is_slice"):
            lowers.append(_index(state, index["lidx"]) if "lidx" in index else None)
        else:
            lowers.append(Const(pg.INT4, value="1"))
        uppers.append(_index(state, index["uidx"]) if "uidx" in index else None)
    return tuple(uppers), tuple(lowers)


def _index(state: ParseState, node: Node) -> Expr:
    from schemaguard.catalog.analysis.transform.expressions import transform

    expr = transform(state, node)
    found = coerce_to_target(state.environment, expr, pg.INT4, -1, ASSIGNMENT, "implicit")
    if found is None:
        raise Refused(DATATYPE_MISMATCH, "array subscript must have type integer")
    return found


def _of_json(state: ParseState, arg: Expr, indices: list[Node]) -> Expr:
    from schemaguard.catalog.analysis.transform.expressions import transform

    if any(index.get("is_slice") for index in indices):
        raise Refused(DATATYPE_MISMATCH, "jsonb subscript does not support slices")
    keys = tuple(_key(state.environment, transform(state, index["uidx"])) for index in indices)
    return SubscriptingRef(pg.JSONB, -1, arg=arg, upper=keys)


def _key(environment: Environment, key: Expr) -> Expr:
    """A key is text or an integer."""
    if key.type == pg.UNKNOWN:
        return coerce(environment, key, pg.TEXT, -1, IMPLICIT, "implicit")
    targets = [of for of in (pg.INT4, pg.TEXT) if can_coerce(environment, [key.type], [of], IMPLICIT)]
    if len(targets) != 1:
        if targets:
            name = environment.type_text(key.type)
            raise Refused(DATATYPE_MISMATCH, f"subscript type {name} is not supported")
        name = environment.type_text(key.type)
        raise Refused(FEATURE_NOT_SUPPORTED, f"subscript type {name} is not supported")
    return coerce(environment, key, targets[0], -1, IMPLICIT, "implicit")
