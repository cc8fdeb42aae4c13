"""Expressions as text (`get_rule_expr`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.analysis import tree as t
from schemaguard.catalog.analysis.ruleutils.buffer import INDENT_VARIABLE, Buffer
from schemaguard.catalog.analysis.ruleutils.calls import (
    print_aggregate,
    print_call,
    print_named_argument,
    print_window_call,
)
from schemaguard.catalog.analysis.ruleutils.constants import print_constant
from schemaguard.catalog.analysis.ruleutils.variables import field_name, print_variable
from schemaguard.catalog.analysis.ruleutils.visibility import operator_name
from schemaguard.catalog.analysis.types import format_type, type_ref
from schemaguard.catalog.errors import Opaque

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.catalog.analysis.query_tree import Query
    from schemaguard.catalog.analysis.ruleutils.namespace import Namespace


class Printer:
    """What is known while a tree is printed.

    `namespaces`: the query levels, the innermost first. `prefix`: columns are printed with their table. `query`: the
    query being printed, for its windows and targets; `result`: the names of its result columns, of a view.
    """

    __slots__ = (
        "buffer",
        "environment",
        "in_group_by",
        "in_order_by",
        "names_visible",
        "namespaces",
        "parameters",
        "prefix",
        "query",
        "result",
    )  # fmt: skip

    def __init__(
        self, environment: Environment, namespaces: Sequence[Namespace], *, prefix: bool, level: int = 0
    ) -> None:
        """Begin with an empty text at an indentation level."""
        self.environment = environment
        self.namespaces = list(namespaces)
        self.prefix = prefix
        self.buffer = Buffer(level)
        self.query: Query | None = None
        self.result: Sequence[str] | None = None
        self.names_visible = True
        self.in_group_by = self.in_order_by = False

    def add(self, text: str) -> None:
        """Append text."""
        self.buffer.text += text

    def type_text(self, number: int, typmod: int = -1) -> str:
        """A type with its modifier, as a cast names it."""
        return format_type(self.environment.catalog, type_ref(number, typmod))

    def print(self, expr: t.Expr, *, implicit: bool) -> None:
        """Append an expression; `implicit`: also the casts that nobody wrote, if they are outermost."""
        _PRINTERS[type(expr)](self, expr, implicit)

    def list(self, exprs: Iterable[t.Expr], *, implicit: bool = True, toplevel: bool = False) -> None:
        """Append expressions, separated by commas; `toplevel`: whole rows are cast so that they stay whole."""
        for at, expr in enumerate(exprs):
            if at:
                self.add(", ")
            if toplevel:
                self.print_toplevel(expr, implicit=implicit)
            else:
                self.print(expr, implicit=implicit)

    def print_toplevel(self, expr: t.Expr, *, implicit: bool) -> None:
        """Append an expression that stands where ``t.*`` would be spread."""
        if isinstance(expr, t.Var):
            print_variable(self, expr, toplevel=True)
        else:
            self.print(expr, implicit=implicit)

    def coercion(self, arg: t.Expr, number: int, typmod: int = -1) -> None:
        """Append a cast (`get_coercion_expr`)."""
        if isinstance(arg, t.Const) and arg.type == number and arg.typmod == -1:
            self.add(print_constant(self.environment.catalog, arg, -1))
        else:
            self.add("(")
            self.print(arg, implicit=False)
            self.add(")")
        self.add(f"::{self.type_text(number, typmod)}")


def _constant(printer: Printer, expr: t.Const, _implicit: bool) -> None:
    printer.add(print_constant(printer.environment.catalog, expr))


def _variable(printer: Printer, expr: t.Var, _implicit: bool) -> None:
    print_variable(printer, expr)


def _parameter(printer: Printer, expr: t.Param, _implicit: bool) -> None:
    printer.add(expr.name or f"${expr.number}")


def _function(printer: Printer, expr: t.FuncExpr, implicit: bool) -> None:
    if expr.form == "implicit" and not implicit:
        printer.print(expr.args[0], implicit=False)
    elif expr.form in ("implicit", "explicit"):
        printer.coercion(expr.args[0], expr.type, expr.typmod)
    else:
        print_call(printer, expr)


def _cast(printer: Printer, expr: t.RelabelType | t.ArrayCoerceExpr, implicit: bool) -> None:
    if expr.form == "implicit" and not implicit:
        printer.print(expr.arg, implicit=False)
    else:
        printer.coercion(expr.arg, expr.type, expr.typmod)


def _operator(printer: Printer, expr: t.OpExpr, _implicit: bool) -> None:
    if expr.kind == "nullif":
        printer.add("NULLIF(")
        printer.list(expr.args)
        printer.add(")")
        return
    printer.add("(")
    if len(expr.args) == 1:
        [arg] = expr.args
        printer.add(f"{operator_name(printer.environment, expr.operator, 0, arg.type)} ")
        printer.print(arg, implicit=True)
    else:
        left, right = expr.args
        printer.print(left, implicit=True)
        if expr.kind == "distinct":
            printer.add(" IS DISTINCT FROM ")
        else:
            printer.add(f" {operator_name(printer.environment, expr.operator, left.type, right.type)} ")
        printer.print(right, implicit=True)
    printer.add(")")


def _array_operator(printer: Printer, expr: t.ScalarArrayOpExpr, _implicit: bool) -> None:
    printer.add("(")
    printer.print(expr.left, implicit=True)
    element = printer.environment.info(printer.environment.base(expr.array.type)).element
    name = operator_name(printer.environment, expr.operator, expr.left.type, element)
    printer.add(f" {name} {'ANY' if expr.any else 'ALL'} (")
    printer.print(expr.array, implicit=True)
    if isinstance(expr.array, t.SubLink) and expr.array.kind == "expr":
        printer.add(f"::{printer.type_text(expr.array.type, expr.array.typmod)}")
    printer.add("))")


def _bool(printer: Printer, expr: t.BoolExpr, _implicit: bool) -> None:
    printer.add("(")
    if expr.operator == "not":
        printer.add("NOT ")
        printer.print(expr.args[0], implicit=False)
    else:
        word = f" {expr.operator.upper()} "
        for at, arg in enumerate(expr.args):
            if at:
                printer.add(word)
            printer.print(arg, implicit=False)
    printer.add(")")


def _null_test(printer: Printer, expr: t.NullTest, _implicit: bool) -> None:
    printer.add("(")
    printer.print(expr.arg, implicit=True)
    info = printer.environment.info(printer.environment.base(expr.arg.type))
    if expr.row or not (info.relation or expr.arg.type == 2249):
        printer.add(" IS NOT NULL)" if expr.negated else " IS NULL)")
    else:
        printer.add(" IS DISTINCT FROM NULL)" if expr.negated else " IS NOT DISTINCT FROM NULL)")


def _boolean_test(printer: Printer, expr: t.BooleanTest, _implicit: bool) -> None:
    printer.add("(")
    printer.print(expr.arg, implicit=False)
    printer.add(f" IS {expr.test})")


def _case(printer: Printer, expr: t.CaseExpr, _implicit: bool) -> None:
    buffer = printer.buffer
    buffer.keyword("CASE", 0, INDENT_VARIABLE)
    if expr.arg is not None:
        printer.add(" ")
        printer.print(expr.arg, implicit=True)
    for condition, result in expr.whens:
        shown = _compared_with(condition) if expr.arg is not None else condition
        printer.buffer.keyword("WHEN ")
        printer.print(shown, implicit=False)
        printer.add(" THEN ")
        printer.print(result, implicit=True)
    printer.buffer.keyword("ELSE ")
    printer.print(expr.otherwise, implicit=True)
    printer.buffer.keyword("END", -INDENT_VARIABLE)


def _compared_with(condition: t.Expr) -> t.Expr:
    """What CASE's argument is compared with."""
    if isinstance(condition, t.OpExpr) and len(condition.args) == 2:
        left: t.Expr = condition.args[0]
        while isinstance(
            left, (t.RelabelType, t.CoerceViaIO, t.FuncExpr, t.ArrayCoerceExpr, t.CoerceToDomain)
        ):
            if left.form != "implicit":
                break
            left = left.args[0] if isinstance(left, t.FuncExpr) else left.arg
        if isinstance(left, t.CaseTestExpr):
            return condition.args[1]
    return condition


def _array(printer: Printer, expr: t.ArrayExpr, _implicit: bool) -> None:
    printer.add("ARRAY[")
    printer.list(expr.elements)
    printer.add("]")
    if not expr.elements:
        printer.add(f"::{printer.type_text(expr.type)}")


def _row(printer: Printer, expr: t.RowExpr, _implicit: bool) -> None:
    printer.add("ROW(")
    printer.list(expr.args, toplevel=True)
    printer.add(")")
    if expr.form == "explicit":
        printer.add(f"::{printer.type_text(expr.type)}")


def _row_comparison(printer: Printer, expr: t.RowCompareExpr, _implicit: bool) -> None:
    printer.add("(ROW(")
    printer.list(expr.left, toplevel=True)
    name = operator_name(printer.environment, expr.operator, expr.left[0].type, expr.right[0].type)
    printer.add(f") {name} ROW(")
    printer.list(expr.right, toplevel=True)
    printer.add("))")


def _function_like(name: str) -> Callable[[Printer, Any, bool], None]:
    def show(printer: Printer, expr: t.CoalesceExpr | t.GroupingFunc, _implicit: bool) -> None:
        printer.add(f"{name}(")
        printer.list(expr.args)
        printer.add(")")

    return show


def _min_max(printer: Printer, expr: t.MinMaxExpr, _implicit: bool) -> None:
    _function_like(expr.function)(printer, expr, True)


def _subscripts(printer: Printer, expr: t.SubscriptingRef, implicit: bool) -> None:
    bare = isinstance(expr.arg, (t.Var, t.FieldSelect))
    printer.add("" if bare else "(")
    printer.print(expr.arg, implicit=implicit)
    printer.add("" if bare else ")")
    for at, upper in enumerate(expr.upper):
        printer.add("[")
        if expr.lower is not None:
            lower = expr.lower[at]
            if lower is not None:
                printer.print(lower, implicit=False)
            printer.add(":")
        if upper is not None:
            printer.print(upper, implicit=False)
        printer.add("]")


def _field(printer: Printer, expr: t.FieldSelect, _implicit: bool) -> None:
    bare = isinstance(expr.arg, (t.SubscriptingRef, t.FieldSelect))
    printer.add("" if bare else "(")
    printer.print(expr.arg, implicit=True)
    printer.add("" if bare else ")")
    printer.add(f".{field_name(printer, expr)}")


def _collate(printer: Printer, expr: t.CollateExpr, implicit: bool) -> None:
    printer.add("(")
    printer.print(expr.arg, implicit=implicit)
    printer.add(f" COLLATE {expr.collation})")


def _sublink(printer: Printer, expr: t.SubLink, _implicit: bool) -> None:
    from schemaguard.catalog.analysis.ruleutils.queries import print_query

    printer.add("ARRAY(" if expr.kind == "array" else "(")
    name = ""
    if expr.test:
        left = expr.test
        printer.add("(" if len(left) > 1 else "")
        printer.list(left)
        printer.add(")" if len(left) > 1 else "")
        outputs = expr.query.outputs
        name = operator_name(printer.environment, expr.operators[0], left[0].type, outputs[0].expr.type)
    words = {"exists": "EXISTS ", "any": " IN " if name == "=" else f" {name} ANY ", "all": f" {name} ALL "}
    printer.add(words.get(expr.kind, f" {name} " if expr.kind == "rowcompare" else ""))
    parentheses = expr.kind not in ("expr", "array")
    printer.add("(" if parentheses else "")
    print_query(printer, expr.query, names_visible=False)
    printer.add("))" if parentheses else ")")


def _fixed(text: str) -> Callable[[Printer, Any, bool], None]:
    def show(printer: Printer, _expr: t.Expr, _implicit: bool) -> None:
        printer.add(text)

    return show


def _value_function(printer: Printer, expr: t.SQLValueFunction, _implicit: bool) -> None:
    printer.add(expr.text)


def _construct(_printer: Printer, expr: t.XmlOrJson, _implicit: bool) -> None:
    raise Opaque(f"the text of {expr.construct} is not produced")


def _unresolved(_printer: Printer, expr: t.Unresolved, _implicit: bool) -> None:
    raise Opaque(expr.reason or "a part of the expression is not known")


_PRINTERS: dict[type[t.Expr], Callable[[Printer, Any, bool], None]] = {
    t.Const: _constant,
    t.Var: _variable,
    t.Param: _parameter,
    t.FuncExpr: _function,
    t.NamedArg: print_named_argument,
    t.Aggref: print_aggregate,
    t.WindowFunc: print_window_call,
    t.GroupingFunc: _function_like("GROUPING"),
    t.SubscriptingRef: _subscripts,
    t.OpExpr: _operator,
    t.ScalarArrayOpExpr: _array_operator,
    t.BoolExpr: _bool,
    t.SubLink: _sublink,
    t.FieldSelect: _field,
    t.RelabelType: _cast,
    t.CoerceViaIO: _cast,
    t.ArrayCoerceExpr: _cast,
    t.ConvertRowtypeExpr: _cast,
    t.CoerceToDomain: _cast,
    t.CollateExpr: _collate,
    t.CaseExpr: _case,
    t.CaseTestExpr: _fixed("CASE_TEST_EXPR"),
    t.ArrayExpr: _array,
    t.RowExpr: _row,
    t.RowCompareExpr: _row_comparison,
    t.CoalesceExpr: _function_like("COALESCE"),
    t.MinMaxExpr: _min_max,
    t.SQLValueFunction: _value_function,
    t.XmlOrJson: _construct,
    t.NullTest: _null_test,
    t.BooleanTest: _boolean_test,
    t.CoerceToDomainValue: _fixed("VALUE"),
    t.SetToDefault: _fixed("DEFAULT"),
    t.Unresolved: _unresolved,
}
