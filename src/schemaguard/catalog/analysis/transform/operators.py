"""Operator calls: which operator is meant, and the node for it (`parse_oper.c`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.analysis.transform.coercion import coerce, coerce_arguments, coerce_to_boolean
from schemaguard.catalog.analysis.transform.common_type import select_common_type
from schemaguard.catalog.analysis.transform.overloads import match_candidates, select_candidate
from schemaguard.catalog.analysis.transform.pathways import IMPLICIT, LAST_BUILTIN
from schemaguard.catalog.analysis.transform.polymorphism import POLYMORPHIC, array_of, resolve_polymorphic
from schemaguard.catalog.analysis.tree import (
    UNRESOLVED,
    BoolExpr,
    Expr,
    NullTest,
    OpExpr,
    RowCompareExpr,
    RowExpr,
    ScalarArrayOpExpr,
    Unresolved,
)
from schemaguard.catalog.builtin.types import BOOL, UNKNOWN
from schemaguard.catalog.errors import (
    DATATYPE_MISMATCH,
    FEATURE_NOT_SUPPORTED,
    SYNTAX_ERROR,
    UNDEFINED_FUNCTION,
    WRONG_OBJECT_TYPE,
    Refused,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.catalog.builtin.operators import Operator

AMBIGUOUS = "42725"
ORDERINGS = ("<", "<=", ">", ">=")

_resolved: dict[tuple[str, int, int], Operator] = {}
"""Operators found for built-in types where no extension brings any: the same for every catalog."""


class _Candidate:
    """An operator as overload resolution looks at it."""

    __slots__ = ("arguments", "operator")

    def __init__(self, operator: Operator, arguments: tuple[int, ...]) -> None:
        self.operator = operator
        self.arguments = arguments


def find_operator(
    environment: Environment, names: Sequence[str], left: int, right: int
) -> Operator | Unresolved:
    """The operator for operands of these types (left 0: a prefix operator).

    Unresolved where it may be one that is not known.

    Raises:
        Refused: there is none, or several fit equally well.
    """
    key = (names[-1], left, right)
    builtin = -LAST_BUILTIN <= left <= LAST_BUILTIN and -LAST_BUILTIN <= right <= LAST_BUILTIN
    if len(names) > 1 or not environment.only_builtin_operators():
        return _search(environment, names, left, right)
    memory: dict[Any, Any] | None = _resolved if builtin else environment.memory()
    if memory is None:
        return _search(environment, names, left, right)
    known: Operator | None = memory.get(key)
    if known is not None:
        return known
    found = _search(environment, names, left, right)
    if not isinstance(found, Unresolved) and found.oid:
        memory[key] = found
    return found


def _search(environment: Environment, names: Sequence[str], left: int, right: int) -> Operator | Unresolved:
    candidates = environment.operators(names)
    if left:
        binary = [operator for _place, operator in candidates if operator.left]
        exact = _exact(environment, binary, left, right)
        actual: tuple[int, ...] = (left, right)
        fitting = [_Candidate(operator, (operator.left, operator.right)) for operator in binary]
    else:
        unary = [operator for _place, operator in candidates if not operator.left]
        exact = next((operator for operator in unary if operator.right == right), None)
        actual = (right,)
        fitting = [_Candidate(operator, (operator.right,)) for operator in unary]
    if exact is not None:
        return exact
    unknown = _why_unknown(environment, names, actual)
    if unknown:
        return Unresolved(UNRESOLVED, reason=unknown)
    matching = match_candidates(environment, actual, fitting)
    if len(matching) == 1:
        return matching[0].operator
    chosen = select_candidate(environment, actual, matching) if matching else None
    if chosen is not None:
        return chosen.operator
    shown = _shown(environment, names, left, right)
    if matching:
        raise Refused(AMBIGUOUS, f"operator is not unique: {shown}")
    raise Refused(UNDEFINED_FUNCTION, f"operator does not exist: {shown}")


def _exact(environment: Environment, candidates: list[Operator], left: int, right: int) -> Operator | None:
    """The operator of exactly these types; a literal is taken for the other operand's (`binary_oper_exact`)."""
    literal = False
    if left == UNKNOWN:
        left, literal = right, True
    elif right == UNKNOWN:
        right, literal = left, True
    for operator in candidates:
        if operator.left == left and operator.right == right:
            return operator
    if literal and (base := environment.base(left)) != left:
        for operator in candidates:
            if operator.left == base and operator.right == base:
                return operator
    return None


def _why_unknown(environment: Environment, names: Sequence[str], actual: Sequence[int]) -> str:
    """Why an operator may be one that is not known; "" if all are known."""
    for number in actual:
        if environment.info(number).external:
            return f"the operators of type {environment.type_text(number)} are not known"
    if any(
        catalog == "pg_operator" and name == names[-1]
        for catalog, _schema, name in environment.catalog.others
    ):
        return f"the history makes operators {names[-1]} of its own"
    return ""


def _shown(environment: Environment, names: Sequence[str], left: int, right: int) -> str:
    name = ".".join(names)
    prefix = f"{environment.type_text(left)} " if left else ""
    return f"{prefix}{name} {environment.type_text(right)}"


def make_op(environment: Environment, names: Sequence[str], left: Expr | None, right: Expr) -> Expr:
    """An operator call; `left` None for a prefix operator (`make_op`).

    Raises:
        Refused: there is no such operator for these operands.
    """
    operands = (right,) if left is None else (left, right)
    if any(operand.type == UNRESOLVED for operand in operands):
        return _unresolved(operands)
    found = find_operator(environment, names, left.type if left is not None else 0, right.type)
    if isinstance(found, Unresolved):
        result = BOOL if names[-1] in _COMPARISONS else UNRESOLVED
        return Unresolved(result, reason=found.reason, args=operands)
    if found.polymorphic:
        declared = (found.right,) if left is None else (found.left, found.right)
        actual = [operand.type for operand in operands]
        wanted, result = resolve_polymorphic(environment, actual, declared, found.result)
        return OpExpr(result, operator=found, args=tuple(coerce_arguments(environment, operands, wanted)))
    if right.type != found.right:
        right = coerce(environment, right, found.right, -1, IMPLICIT, "implicit")
    if left is None:
        return OpExpr(found.result, operator=found, args=(right,))
    if left.type != found.left:
        left = coerce(environment, left, found.left, -1, IMPLICIT, "implicit")
    return OpExpr(found.result, operator=found, args=(left, right))


_COMPARISONS = frozenset(("=", "<>", "<", ">", "<=", ">=", "~~", "!~~", "~~*", "!~~*", "~", "!~", "~*", "!~*", "&&",
                          "@>", "<@"))  # fmt: skip


def _unresolved(operands: Sequence[Expr]) -> Unresolved:
    """What an operator or function over something unknown is."""
    reason = next((operand.reason for operand in operands if isinstance(operand, Unresolved)), "")
    return Unresolved(
        UNRESOLVED, reason=reason or "the type of an operand is not known", args=tuple(operands)
    )


def make_scalar_array_op(
    environment: Environment, names: Sequence[str], left: Expr, array: Expr, *, any_: bool
) -> Expr:
    """``left op ANY (array)`` or ALL (`make_scalar_array_op`).

    Raises:
        Refused: the right side is no array, or there is no such operator for its elements.
    """
    if UNRESOLVED in (left.type, array.type):
        return Unresolved(BOOL, reason=_unresolved((left, array)).reason, args=(left, array))
    element = UNKNOWN
    if array.type != UNKNOWN:
        element = environment.info(environment.base(array.type)).element
        if not element:
            raise Refused(WRONG_OBJECT_TYPE, "op ANY/ALL (array) requires array on right side")
    found = find_operator(environment, names, left.type, element)
    if isinstance(found, Unresolved):
        return Unresolved(BOOL, reason=found.reason, args=(left, array))
    wanted, result = resolve_polymorphic(
        environment, [left.type, element], [found.left, found.right], found.result
    )
    if result != BOOL:
        raise Refused(WRONG_OBJECT_TYPE, "op ANY/ALL (array) requires operator to yield boolean")
    target = array.type if found.right in POLYMORPHIC else array_of(environment, found.right)
    if not target:
        name = environment.type_text(found.right)
        raise Refused("42704", f"could not find array type for data type {name}")
    if found.right in POLYMORPHIC and array.type == UNKNOWN:
        target = array_of(environment, wanted[1])
    coerced = coerce_arguments(environment, (left, array), (wanted[0], target))
    return ScalarArrayOpExpr(BOOL, operator=found, any=any_, left=coerced[0], array=coerced[1])


def make_distinct(environment: Environment, names: Sequence[str], left: Expr, right: Expr) -> Expr:
    """``left IS DISTINCT FROM right``, for rows column by column."""
    if isinstance(left, RowExpr) and isinstance(right, RowExpr):
        if len(left.args) != len(right.args):
            raise Refused(SYNTAX_ERROR, "unequal number of entries in row expressions")
        pairs = [
            make_distinct(environment, names, one, other)
            for one, other in zip(left.args, right.args, strict=True)
        ]
        result = pairs[0]
        for pair in pairs[1:]:
            result = BoolExpr(BOOL, operator="or", args=(result, pair))
        return result
    made = make_op(environment, names, left, right)
    if not isinstance(made, OpExpr):
        return Unresolved(BOOL, reason=getattr(made, "reason", ""), args=(left, right))
    if made.type != BOOL:
        raise Refused(DATATYPE_MISMATCH, "IS DISTINCT FROM requires = operator to yield boolean")
    return OpExpr(BOOL, operator=made.operator, args=made.args, kind="distinct")


def make_nullif(environment: Environment, names: Sequence[str], left: Expr, right: Expr) -> Expr:
    """``NULLIF(left, right)``: of the left side's type."""
    made = make_op(environment, names, left, right)
    if not isinstance(made, OpExpr):
        return Unresolved(left.type, left.typmod, reason=getattr(made, "reason", ""), args=(left, right))
    if made.type != BOOL:
        raise Refused(DATATYPE_MISMATCH, "NULLIF requires = operator to yield boolean")
    first = made.args[0]
    return OpExpr(first.type, first.typmod, operator=made.operator, args=made.args, kind="nullif")


def make_row_comparison(
    environment: Environment, names: Sequence[str], left: Sequence[Expr], right: Sequence[Expr]
) -> Expr:
    """``(a, b) op (c, d)`` (`make_row_comparison_op`).

    Raises:
        Refused: the sides differ in length, or the operator is none that compares.
    """
    if len(left) != len(right):
        raise Refused(SYNTAX_ERROR, "unequal number of entries in row expressions")
    if not left:
        raise Refused(FEATURE_NOT_SUPPORTED, "cannot compare rows of zero length")
    compared = [make_op(environment, names, one, other) for one, other in zip(left, right, strict=True)]
    for made in compared:
        if made.type not in (BOOL, UNRESOLVED):
            name = environment.type_text(made.type)
            raise Refused(
                DATATYPE_MISMATCH, f"row comparison operator must yield type boolean, not type {name}"
            )
    if len(compared) == 1:
        return compared[0]
    if names[-1] == "=":
        return BoolExpr(BOOL, operator="and", args=tuple(compared))
    if names[-1] == "<>":
        return BoolExpr(BOOL, operator="or", args=tuple(compared))
    resolved = [made for made in compared if isinstance(made, OpExpr)]
    if len(resolved) < len(compared):
        return Unresolved(BOOL, reason=_unresolved(compared).reason, args=tuple(compared))
    if names[-1] not in ORDERINGS:
        raise Refused(
            FEATURE_NOT_SUPPORTED,
            f"could not determine interpretation of row comparison operator {names[-1]}",
        )
    return RowCompareExpr(
        BOOL,
        operator=resolved[0].operator,
        left=tuple(made.args[0] for made in resolved),
        right=tuple(made.args[1] for made in resolved),
    )


def make_in(
    environment: Environment, names: Sequence[str], left: Expr, items: Sequence[tuple[Expr, bool]]
) -> Expr:
    """``left IN (…)``: one comparison with an array of the items that hold no column, one each for the others.

    `items`: each expression and whether it holds a column of this query. `names` is `=` or `<>`.
    """
    from schemaguard.catalog.analysis.transform.coercion import coerce_to_common
    from schemaguard.catalog.analysis.transform.pathways import IMPLICIT, can_coerce
    from schemaguard.catalog.analysis.tree import ArrayExpr
    from schemaguard.catalog.builtin.types import RECORD

    is_in = names[-1] != "<>"
    plain = [item for item, variable in items if not variable]
    rest = [item for item, _variable in items]
    result: Expr | None = None
    if len(plain) > 1:
        every = [left, *plain]
        common = select_common_type(environment, every, None)
        if common and not can_coerce(
            environment, [one.type for one in every], [common] * len(every), IMPLICIT
        ):
            common = 0
        array = array_of(environment, common) if common and common != RECORD else 0
        if array:
            elements = tuple(coerce_to_common(environment, item, common, "IN") for item in plain)
            list_ = ArrayExpr(array, elements=elements)
            result = make_scalar_array_op(environment, names, left, list_, any_=is_in)
            rest = [item for item, variable in items if variable]
    for item in rest:
        if isinstance(left, RowExpr) and isinstance(item, RowExpr):
            made = make_row_comparison(environment, names, left.args, item.args)
        else:
            made = make_op(environment, names, left, item)
        made = coerce_to_boolean(environment, made, "IN")
        result = (
            made if result is None else BoolExpr(BOOL, operator="or" if is_in else "and", args=(result, made))
        )
    if result is None:
        raise ValueError(names)
    return result


def null_test_of_distinct(arg: Expr, *, distinct: bool) -> NullTest:
    """``arg IS DISTINCT FROM NULL`` means IS NOT NULL."""
    return NullTest(BOOL, arg=arg, negated=distinct)
