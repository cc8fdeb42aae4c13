"""Which base columns a value is made of, and what is done to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.analysis import tree as t
from schemaguard.catalog.analysis.type_info import relation_at, row_columns as row_columns_of
from schemaguard.catalog.analysis.types import format_type, type_ref
from schemaguard.catalog.analysis.walk import children
from schemaguard.catalog.model import Function
from schemaguard.lineage.functions import call_scope
from schemaguard.lineage.records import Step
from schemaguard.lineage.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemaguard.catalog.analysis.query_tree import Rte, SortGroup
    from schemaguard.lineage.relations import Lineage

Key = tuple[int, int, bool]
"""Relation oid, attribute number, and whether it only decides."""

Found = dict[Key, tuple[Step, ...]]

_CASTS = (t.RelabelType, t.CoerceViaIO, t.ArrayCoerceExpr, t.ConvertRowtypeExpr, t.CoerceToDomain)
_SAME = (t.NamedArg, t.CollateExpr)
_WITHOUT_COLUMNS = (
    t.Const,
    t.SQLValueFunction,
    t.CaseTestExpr,
    t.SetToDefault,
    t.CoerceToDomainValue,
)


def merged(founds: Iterable[Found]) -> Found:
    """All of several, the steps of a column that several have put together."""
    result: Found = {}
    for found in founds:
        for key, steps in found.items():
            known = result.get(key)
            result[key] = steps if known is None else tuple(dict.fromkeys((*known, *steps)))
    return result


def stepped(found: Found, step: Step) -> Found:
    """After one more step."""
    return {key: steps if key[2] else _after(steps, step) for key, steps in found.items()}


def _after(steps: tuple[Step, ...], step: Step) -> tuple[Step, ...]:
    if step in steps:
        return steps
    if steps and step.kind == steps[-1].kind == "cast" and step.type == steps[-1].type:
        return (*steps[:-1], step)  # `::numeric(5,2)` is a cast to numeric and one to its modifier
    return (*steps, step)


def deciding(found: Found) -> Found:
    """The same columns, as what decides about a value."""
    return merged({(relation, number, True): steps} for (relation, number, _), steps in found.items())


class Values:
    """Follows expressions to base columns. `unknown` gathers what could not be followed."""

    def __init__(self, lineage: Lineage) -> None:
        """Follow with what `lineage` says of other views."""
        self.lineage = lineage
        self.catalog = lineage.catalog
        self.unknown: dict[str, None] = {}

    def output(self, scope: Scope, at: int) -> Found:
        """The sources of an output column of a query, counted from 0."""
        found = scope.memo.get(("values", at))
        if found is None:
            found = scope.memo["values", at] = self._output(scope, at)
        result: Found = found
        return result

    def _output(self, scope: Scope, at: int) -> Found:
        leaves = scope.leaves()
        if not leaves:
            return self.of(scope.query.outputs[at].expr, scope)
        parts = []
        for leaf in leaves:
            found = self.output(leaf.scope, at)
            given = leaf.scope.query.outputs[at].expr.type
            for operation in leaf.above:
                if operation.types[at] != given:
                    given = operation.types[at]
                    found = stepped(found, self._cast(given, -1))
            parts.append(deciding(found) if leaf.away else found)
        return merged(parts)

    def all_of(self, exprs: Iterable[t.Expr | None], scope: Scope) -> Found:
        """The sources of several expressions; None stands for one that is not there."""
        return merged(self.of(expr, scope) for expr in exprs if expr is not None)

    def of(self, expr: t.Expr, scope: Scope) -> Found:
        """The sources of an expression that stands in a query."""
        if isinstance(expr, t.Var):
            return self._variable(expr, scope)
        if isinstance(expr, _WITHOUT_COLUMNS):
            return {}
        if isinstance(expr, t.Param):
            return self.all_of(*scope.argument(expr.number))
        if isinstance(expr, _SAME):
            return self.of(expr.arg, scope)
        if isinstance(expr, _CASTS):
            found = self.of(expr.arg, scope)
            silent = isinstance(expr, t.RelabelType) and expr.form == "implicit"
            return found if silent else stepped(found, self._cast(expr.type, expr.typmod))
        if isinstance(expr, (t.Aggref, t.WindowFunc)):
            return self._aggregate(expr, scope)
        if isinstance(expr, t.SubLink):
            return self._sublink(expr, scope)
        if isinstance(expr, t.FieldSelect):
            return self._field(expr.arg, expr.field, expr.name, scope)
        if isinstance(expr, t.CaseExpr):
            return self._case(expr, scope)
        return self._other(expr, scope)

    def _other(self, expr: Any, scope: Scope) -> Found:  # noqa: ANN401 - each kind has its own fields
        """Expressions whose parts all go into the value, or all but a few."""
        match expr:
            case t.FuncExpr():
                return self._call(expr, scope)
            case t.OpExpr(kind="nullif"):
                value, other = expr.args
                found = merged([self.of(value, scope), deciding(self.of(other, scope))])
                return stepped(found, Step("operator", "NULLIF", expr.type))
            case t.OpExpr() | t.RowCompareExpr():
                args = expr.args if isinstance(expr, t.OpExpr) else (*expr.left, *expr.right)
                word = "IS DISTINCT FROM" if getattr(expr, "kind", "") == "distinct" else expr.operator.name
                return stepped(self.all_of(args, scope), Step("operator", word, expr.type))
            case t.ScalarArrayOpExpr():
                found = self.all_of((expr.left, expr.array), scope)
                word = f"{expr.operator.name} {'ANY' if expr.any else 'ALL'}"
                return stepped(found, Step("operator", word, expr.type))
            case t.SubscriptingRef():
                places = (*expr.upper, *(expr.lower or ()))
                found = merged([self.of(expr.arg, scope), deciding(self.all_of(places, scope))])
                return stepped(found, Step("subscript", "", expr.type))
            case t.GroupingFunc():
                return stepped(deciding(self.all_of(expr.args, scope)), Step("function", "grouping"))
            case t.Unresolved():
                self.unknown[expr.reason] = None
        parts = [child for child in children(expr) if isinstance(child, t.Expr)]
        return stepped(self.all_of(parts, scope), self._step_of(expr))

    def _step_of(self, expr: Any) -> Step:  # noqa: ANN401 - each kind has its own fields
        match expr:
            case t.CoalesceExpr():
                return Step("coalesce", "", expr.type)
            case t.MinMaxExpr():
                return Step("function", expr.function.lower(), expr.type)
            case t.XmlOrJson():
                return Step("function", expr.construct.lower(), expr.type)
            case t.BoolExpr():
                return Step("operator", expr.operator.upper(), expr.type)
            case t.NullTest():
                return Step("operator", "IS NOT NULL" if expr.negated else "IS NULL", expr.type)
            case t.BooleanTest():
                return Step("operator", f"IS {expr.test}", expr.type)
            case t.ArrayExpr():
                return Step("array", "", expr.type)
            case t.RowExpr():
                return Step("row", "", expr.type)
            case _:
                return Step("function", type(expr).__name__.lower(), expr.type)

    def _call(self, expr: t.FuncExpr, scope: Scope, column: int | None = None) -> Found:
        """The sources of a call, or of one column of its result, counted from 0."""
        if expr.form in ("explicit", "implicit"):
            return stepped(self.all_of(expr.args, scope), self._cast(expr.type, expr.typmod))
        record = self.catalog.objects.get(expr.routine.oid)
        if not isinstance(record, Function):
            return stepped(self.all_of(expr.args, scope), Step("function", expr.routine.name, expr.type))
        step = Step("function", self.catalog.qualified(record), expr.type, record.oid)
        with self.lineage.body(record) as body:
            if body.query is not None:
                return stepped(self._result(call_scope(body.query, record, expr, scope), column), step)
        if body.why:
            self.unknown[body.why] = None
        return stepped(self.all_of(expr.args, scope), step)

    def _result(self, inner: Scope, column: int | None) -> Found:
        """What the query of a function's body gives."""
        from schemaguard.lineage.rows import row_columns

        width = len(inner.query.outputs)
        wanted = range(width) if column is None or column >= width else (column,)
        rows: Found = {(*each, True): () for each in sorted(row_columns(self, inner))}
        return merged([*(self.output(inner, at) for at in wanted), rows])

    def rows_of_call(self, expr: t.Expr, scope: Scope) -> set[tuple[int, int]]:
        """What decides how many rows a function in FROM gives: its body's own rows, or else all that it is given."""
        from schemaguard.lineage.rows import row_columns

        record = self.catalog.objects.get(expr.routine.oid) if isinstance(expr, t.FuncExpr) else None
        if isinstance(record, Function) and isinstance(expr, t.FuncExpr):
            with self.lineage.body(record) as body:
                if body.query is not None:
                    return row_columns(self, call_scope(body.query, record, expr, scope))
        return {key[:2] for key in self.of(expr, scope)}

    def _cast(self, number: int, typmod: int) -> Step:
        return Step("cast", format_type(self.catalog, type_ref(number, typmod)), number)

    def _aggregate(self, expr: t.Aggref | t.WindowFunc, scope: Scope) -> Found:
        decides: list[t.Expr | None] = [expr.filter]
        if isinstance(expr, t.Aggref):
            kind = "aggregate"
            decides += expr.direct
            decides += () if expr.routine.aggregate else expr.sort_keys  # WITHIN GROUP's are the arguments
        else:
            kind = "window"
            decides += self._window(expr, scope)
        found = stepped(self.all_of(expr.args, scope), Step(kind, expr.routine.name, expr.type))
        return merged([found, deciding(self.all_of(decides, scope))])

    def _window(self, expr: t.WindowFunc, scope: Scope) -> list[t.Expr | None]:
        window = scope.query.windows[expr.window - 1]
        return [*scope.targets_of((*window.partition, *window.order)), window.start, window.end]

    def _case(self, expr: t.CaseExpr, scope: Scope) -> Found:
        conditions = [expr.arg, *(condition for condition, _ in expr.whens)]
        results = [*(result for _, result in expr.whens), expr.otherwise]
        found = stepped(self.all_of(results, scope), Step("case", "", expr.type))
        return merged([found, deciding(self.all_of(conditions, scope))])

    def _sublink(self, expr: t.SubLink, scope: Scope) -> Found:
        from schemaguard.lineage.rows import row_columns

        inner = Scope(expr.query, scope)
        rows = deciding({(*column, True): () for column in sorted(row_columns(self, inner))})
        if expr.kind == "exists":
            return rows
        given = merged(self.output(inner, at) for at in range(len(expr.query.outputs)))
        if expr.kind == "array":
            given = stepped(given, Step("array", "", expr.type))
        elif expr.kind != "expr":
            word = (
                " ".join(dict.fromkeys(operator.name for operator in expr.operators))
                + f" {expr.kind.upper()}"
            )
            given = stepped(merged([self.all_of(expr.test, scope), given]), Step("operator", word, expr.type))
        return merged([given, rows])

    # Columns

    def _variable(self, expr: t.Var, scope: Scope) -> Found:
        rte, owner = scope.rte(expr)
        if expr.attribute == 0:
            return stepped(self._whole_row(rte, owner, expr), Step("row", "", expr.type))
        return self._column(rte, owner, expr.relation, expr.attribute)

    def _whole_row(self, rte: Rte, owner: Scope, expr: t.Var) -> Found:
        numbers = rte.numbers if rte.kind == "relation" else range(1, len(rte.columns) + 1)
        return merged(self._column(rte, owner, expr.relation, number) for number in numbers)

    def _column(self, rte: Rte, owner: Scope, index: int, number: int) -> Found:
        """A column of an entry of a range table."""
        match rte.kind:
            case "relation":
                return self._base(rte.relation, number)
            case "subquery":
                return self.output(owner.subquery(index), number - 1)
            case "cte":
                return self.cte(owner, rte)[number - 1]
            case "join":
                return self.of(rte.join_vars[number - 1], owner)
            case "values":
                return self.all_of((row[number - 1] for row in rte.rows), owner)
            case "function":
                return self._function_column(rte, owner, number)
        operands = [expr for row in rte.rows for expr in row]
        return stepped(self.all_of(operands, owner), Step("function", rte.name))

    def _base(self, oid: int, number: int) -> Found:
        inner = self.lineage.under(oid)
        if inner is None:
            return {(oid, number, False): ()}
        output = inner.columns[number - 1]
        if output.unknown:
            self.unknown[output.unknown] = None
        record = relation_at(self.catalog, oid)
        step = Step("view", self.catalog.qualified(record) if record is not None else "", 0, oid)
        found = {(each.relation, each.attribute, each.decides): each.steps for each in output.sources}
        return {key: (*steps, step) for key, steps in found.items()}

    def cte(self, scope: Scope, rte: Rte) -> list[Found]:
        """The sources of each column of a WITH query."""
        owner, table = scope.common_table(rte)
        start: Found = {}
        return owner.cte_outputs(table, "values", start, self.output)

    def _function_column(self, rte: Rte, owner: Scope, number: int) -> Found:
        for item in rte.functions:
            if number <= item.width:
                if isinstance(item.call, t.FuncExpr):
                    return self._call(item.call, owner, number - 1 if item.width > 1 else None)
                return self.of(item.call, owner)
            number -= item.width
        return {}  # WITH ORDINALITY

    def _field(self, arg: t.Expr, number: int, name: str, scope: Scope) -> Found:
        """A field of a composite value: of the one column that it is, where that can be told."""
        if isinstance(arg, t.Var):
            rte, owner = scope.rte(arg)
            if arg.attribute == 0:
                return self._column(rte, owner, arg.relation, number)
            if rte.kind == "subquery" and not owner.subquery(arg.relation).leaves():
                inner = owner.subquery(arg.relation)
                return self._field(inner.query.outputs[arg.attribute - 1].expr, number, name, inner)
        if isinstance(arg, t.RowExpr):
            return self.of(arg.args[number - 1], scope)
        if isinstance(arg, t.Param):
            rows, caller = scope.argument(arg.number)
            return merged(self._field(row, number, name, caller) for row in rows)
        columns = row_columns_of(self.catalog, arg.type) or ()
        name = next((column.name for column in columns if column.number == number), name)
        return stepped(self.of(arg, scope), Step("field", name))

    def sorted_by(self, clauses: tuple[SortGroup, ...], scope: Scope) -> Found:
        """The sources of sort or group clauses."""
        return self.all_of(scope.targets_of(clauses), scope)
