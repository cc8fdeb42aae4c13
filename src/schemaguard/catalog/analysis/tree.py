"""Analysed expressions: PostgreSQL's own node types (`primnodes.h`), as far as expressions of a schema use them.

Names are gone from them: columns are (range-table index, attribute number), functions and operators are the records
found, types are numbers (the negative oid stands for an array). Every node has a `type`, 0 where it can't be known,
and a `typmod`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from schemaguard.catalog.builtin.functions import Routine
from schemaguard.catalog.builtin.operators import Operator
from schemaguard.catalog.builtin.types import BOOL, TEXT

if TYPE_CHECKING:  # query_tree builds on this module
    from schemaguard.catalog.analysis.query_tree import Query, SortGroup  # noqa: TC004 - only ever in annotations

Form = Literal["call", "explicit", "implicit", "sql"]
"""How a function call or conversion was written (`CoercionForm`): f(x), a cast, not at all, or special SQL syntax."""

UNRESOLVED = 0
"""The type of what could not be resolved."""


class Expr(msgspec.Struct, frozen=True, gc=False):
    """Any analysed expression."""

    type: int
    typmod: int = -1


class Var(Expr, frozen=True, gc=False, kw_only=True):
    """A column. `relation`: its index in the range table (from 1) of the query `level` levels up.

    `attribute`: its number there, 0 for the whole row, negative for a system column. `shown`: index and number that
    it was written by, where that was a join's alias.
    """

    relation: int
    attribute: int
    level: int = 0
    shown: tuple[int, int] = (0, 0)


class Const(Expr, frozen=True, gc=False, kw_only=True):
    """A constant. `value` is what the type's output function prints, None for NULL.

    `object`: the oid of what a `regclass` and its like name. `renames`: how many labels of the enum had been renamed
    when the constant was read. `reason`: why the value can't be known (`'now'::timestamptz`), else "".
    """

    value: str | None
    object: int = 0
    renames: int = 0
    reason: str = ""


class Param(Expr, frozen=True, gc=False, kw_only=True):
    """A parameter of a function: its number from 1, and its name where it has one."""

    number: int
    name: str = ""


class FuncExpr(Expr, frozen=True, gc=False, kw_only=True):
    """A function call, or a cast by a function. `variadic`: the last argument stands for the variadic ones."""

    routine: Routine
    args: tuple[Expr, ...]
    form: Form = "call"
    variadic: bool = False


class NamedArg(Expr, frozen=True, gc=False, kw_only=True):
    """``name => arg``."""

    name: str
    arg: Expr


class Aggref(Expr, frozen=True, gc=False, kw_only=True):
    """An aggregate call. `level`: of how many queries up it is an aggregate."""

    routine: Routine
    args: tuple[Expr, ...]
    direct: tuple[Expr, ...] = ()
    order: tuple[SortGroup, ...] = ()
    sort_keys: tuple[Expr, ...] = ()
    distinct: bool = False
    filter: Expr | None = None
    star: bool = False
    variadic: bool = False
    level: int = 0


class WindowFunc(Expr, frozen=True, gc=False, kw_only=True):
    """A window function call over the window of that index (from 1) in the query's `windows`."""

    routine: Routine
    args: tuple[Expr, ...]
    window: int
    filter: Expr | None = None
    star: bool = False
    variadic: bool = False


class GroupingFunc(Expr, frozen=True, gc=False, kw_only=True):
    """``GROUPING(…)``."""

    args: tuple[Expr, ...]


class SubscriptingRef(Expr, frozen=True, gc=False, kw_only=True):
    """``arg[upper]`` or ``arg[lower:upper]``, once per dimension; `lower` is None for plain subscripts."""

    arg: Expr
    upper: tuple[Expr | None, ...]
    lower: tuple[Expr | None, ...] | None = None


class OpExpr(Expr, frozen=True, gc=False, kw_only=True):
    """An operator call. `kind`: "" plain, "distinct" for IS DISTINCT FROM, "nullif" for NULLIF."""

    operator: Operator
    args: tuple[Expr, ...]
    kind: str = ""


class ScalarArrayOpExpr(Expr, frozen=True, gc=False, kw_only=True):
    """``left op ANY (array)``, or ALL."""

    operator: Operator
    any: bool
    left: Expr
    array: Expr


class BoolExpr(Expr, frozen=True, gc=False, kw_only=True):
    """``and``, ``or`` or ``not``."""

    operator: str
    args: tuple[Expr, ...]


class SubLink(Expr, frozen=True, gc=False, kw_only=True):
    """A sub-select in an expression. `kind`: exists, any, all, rowcompare, expr or array.

    `test`: the left-hand sides, each compared with a column of the query by `operators`.
    """

    kind: str
    query: Query
    test: tuple[Expr, ...] = ()
    operators: tuple[Operator, ...] = ()


class FieldSelect(Expr, frozen=True, gc=False, kw_only=True):
    """``(arg).field``, by attribute number; `name` for records that have none (of function results)."""

    arg: Expr
    field: int
    name: str = ""


class RelabelType(Expr, frozen=True, gc=False, kw_only=True):
    """A cast that changes nothing but the type."""

    arg: Expr
    form: Form


class CoerceViaIO(Expr, frozen=True, gc=False, kw_only=True):
    """A cast by way of text."""

    arg: Expr
    form: Form


class ArrayCoerceExpr(Expr, frozen=True, gc=False, kw_only=True):
    """A cast of each element of an array; `element` is the cast, of a CaseTestExpr."""

    arg: Expr
    element: Expr
    form: Form


class ConvertRowtypeExpr(Expr, frozen=True, gc=False, kw_only=True):
    """A cast from a child's row type to its parent's."""

    arg: Expr
    form: Form


class CollateExpr(Expr, frozen=True, gc=False, kw_only=True):
    """``arg COLLATE collation``; the collation's name as it is printed."""

    arg: Expr
    collation: str


class CaseExpr(Expr, frozen=True, gc=False, kw_only=True):
    """``CASE arg WHEN … THEN … ELSE otherwise END``; with an `arg`, each condition compares a CaseTestExpr."""

    arg: Expr | None
    whens: tuple[tuple[Expr, Expr], ...]
    otherwise: Expr


class CaseTestExpr(Expr, frozen=True, gc=False):
    """Stands for a value that is elsewhere: CASE's argument, an array's element."""


class ArrayExpr(Expr, frozen=True, gc=False, kw_only=True):
    """``ARRAY[…]``; `multidimensional`: its elements are arrays."""

    elements: tuple[Expr, ...]
    multidimensional: bool = False


class RowExpr(Expr, frozen=True, gc=False, kw_only=True):
    """``ROW(…)``. `form`: call for ROW(), implicit for bare parentheses."""

    args: tuple[Expr, ...]
    form: Form
    names: tuple[str, ...] = ()


class RowCompareExpr(Expr, frozen=True, gc=False, kw_only=True):
    """``(a, b) < (c, d)``."""

    operator: Operator
    left: tuple[Expr, ...]
    right: tuple[Expr, ...]


class CoalesceExpr(Expr, frozen=True, gc=False, kw_only=True):
    """``COALESCE(…)``."""

    args: tuple[Expr, ...]


class MinMaxExpr(Expr, frozen=True, gc=False, kw_only=True):
    """``GREATEST(…)`` or ``LEAST(…)``."""

    function: str
    args: tuple[Expr, ...]


class SQLValueFunction(Expr, frozen=True, gc=False, kw_only=True):
    """``CURRENT_TIMESTAMP`` and its like, as they are printed."""

    text: str


class XmlOrJson(Expr, frozen=True, gc=False, kw_only=True):
    """An SQL/XML or SQL/JSON construct: its type is known, its text is not attempted."""

    construct: str
    args: tuple[Expr, ...]


class NullTest(Expr, frozen=True, gc=False, kw_only=True):
    """``IS NULL``, ``IS NOT NULL``."""

    arg: Expr
    negated: bool
    row: bool = False


class BooleanTest(Expr, frozen=True, gc=False, kw_only=True):
    """``IS TRUE``, ``IS NOT UNKNOWN`` …; `test` is what follows IS."""

    arg: Expr
    test: str


class CoerceToDomain(Expr, frozen=True, gc=False, kw_only=True):
    """A cast to a domain, its constraints checked."""

    arg: Expr
    form: Form


class CoerceToDomainValue(Expr, frozen=True, gc=False):
    """``VALUE`` in a domain's CHECK."""


class SetToDefault(Expr, frozen=True, gc=False):
    """``DEFAULT`` in VALUES."""


class Unresolved(Expr, frozen=True, gc=False, kw_only=True):
    """A part that can't be resolved, and why: mostly a function of an extension whose contents are not known."""

    reason: str
    args: tuple[Expr, ...] = ()


def null_const(number: int, typmod: int = -1) -> Const:
    """NULL of a type."""
    return Const(number, typmod, value=None)


def bool_expr(operator: str, *args: Expr) -> BoolExpr:
    """``and``, ``or`` or ``not`` of truth values."""
    return BoolExpr(BOOL, operator=operator, args=args)


def text_const(value: str) -> Const:
    """A constant of type text."""
    return Const(TEXT, value=value)
