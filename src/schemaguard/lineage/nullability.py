"""Whether an output column may be NULL, by what the schema and the query say; never by what the rows hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from schemaguard.catalog.analysis import tree as t
from schemaguard.catalog.analysis.bound import Bound
from schemaguard.catalog.analysis.query_tree import Query, RangeRef, Rte
from schemaguard.catalog.analysis.type_info import relation_at
from schemaguard.catalog.model import FIRST_USER_OID, Column, Relation, Table, Type
from schemaguard.lineage.calls import (
    aggregate_verdict,
    call_keeps_not_null,
    gives_values,
    never_null,
    operator_keeps_not_null,
    window_verdict,
)
from schemaguard.lineage.facts import NOTHING, Joins, Prover, grouped_everywhere, is_strict_routine
from schemaguard.lineage.scope import Scope
from schemaguard.lineage.verdicts import NEVER, Verdict, first_not_null, maybe, unknown, worst

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.query_tree import SetOperation
    from schemaguard.catalog.state import Catalog
    from schemaguard.lineage.facts import Facts
    from schemaguard.lineage.relations import Lineage

_PASSING = (
    t.RelabelType,
    t.CollateExpr,
    t.CoerceToDomain,
    t.ArrayCoerceExpr,
    t.ConvertRowtypeExpr,
    t.NamedArg,
)
_NEVER = (t.GroupingFunc, t.NullTest, t.BooleanTest, t.ArrayExpr, t.RowExpr, t.SQLValueFunction)
_BY_ARGUMENTS = (t.BoolExpr, t.CoalesceExpr, t.MinMaxExpr)
_JSON = frozenset((114, 3802))
OUTER_JOIN = "an outer join"


class Nullability:
    """Follows expressions to what may make them NULL."""

    def __init__(self, lineage: Lineage) -> None:
        """Follow with what `lineage` says of other views."""
        self.lineage = lineage
        self.catalog = lineage.catalog
        self._in_aggregate = 0

    def output(self, scope: Scope, at: int) -> Verdict:
        """Whether an output column of a query, counted from 0, may be NULL."""
        found: Verdict | None = scope.memo.get(("nullable", at))
        if found is None:
            found = scope.memo["nullable", at] = self._output(scope, at)
        return found

    def _output(self, scope: Scope, at: int) -> Verdict:
        operations = scope.query.set_operations
        if operations is not None:
            return self._set_operation(scope, operations, at)
        return self.of(scope.query.outputs[at].expr, scope)

    def _set_operation(self, scope: Scope, node: SetOperation | RangeRef, at: int) -> Verdict:
        if isinstance(node, RangeRef):
            return self.output(scope.subquery(node.index), at)
        left = self._set_operation(scope, node.left, at)
        if node.operation == "EXCEPT":
            return left
        right = self._set_operation(scope, node.right, at)
        return first_not_null((left, right)) if node.operation == "INTERSECT" else worst((left, right))

    def of(self, expr: t.Expr, scope: Scope, facts: Facts = NOTHING) -> Verdict:
        """Whether an expression of a query's target list may be NULL; `facts` holds where it stands (inside CASE)."""
        if not self._in_aggregate and (ungrouped := _ungrouped(expr, scope.query)):
            return ungrouped
        if isinstance(expr, _NEVER):
            return NEVER
        if isinstance(expr, _PASSING):
            passing: Any = expr
            return self.of(passing.arg, scope, facts)
        if isinstance(expr, _BY_ARGUMENTS):
            parts: Any = expr
            verdicts = [self.of(arg, scope, facts) for arg in parts.args]
            return worst(verdicts) if isinstance(expr, t.BoolExpr) else first_not_null(verdicts)
        method = self._methods.get(type(expr))
        return (
            unknown(f"{type(expr).__name__} is not followed")
            if method is None
            else method(self, expr, scope, facts)
        )

    def _constant(self, expr: t.Const, _scope: Scope, _facts: Facts) -> Verdict:
        return maybe("NULL") if expr.value is None and not expr.reason else NEVER

    def _via_text(self, expr: t.CoerceViaIO, scope: Scope, facts: Facts) -> Verdict:
        found = self.of(expr.arg, scope, facts)
        return unknown("a cast of JSON") if found == NEVER and expr.arg.type in _JSON else found

    def _subscript(self, _expr: t.SubscriptingRef, _scope: Scope, _facts: Facts) -> Verdict:
        return maybe("a subscript that may find nothing")

    def _aggregate(self, expr: t.Aggref, scope: Scope, facts: Facts) -> Verdict:
        self._in_aggregate += 1
        try:
            return aggregate_verdict(expr, scope, lambda arg: self.of(arg, scope, facts))
        finally:
            self._in_aggregate -= 1

    def _window(self, expr: t.WindowFunc, scope: Scope, facts: Facts) -> Verdict:
        return window_verdict(expr, scope, lambda arg: self.of(arg, scope, facts))

    def _field(self, expr: t.FieldSelect, scope: Scope, facts: Facts) -> Verdict:
        """A field of a composite value: the column that it is, where that can be told."""
        arg = expr.arg
        if isinstance(arg, t.Var) and arg.attribute == 0:
            column = t.Var(expr.type, relation=arg.relation, attribute=expr.field, level=arg.level)
            return self.of(column, scope, facts)
        if isinstance(arg, t.RowExpr):
            return self.of(arg.args[expr.field - 1], scope, facts)
        if isinstance(arg, t.Var):
            rte, owner = scope.rte(arg)
            inner = owner.subquery(arg.relation) if rte.kind == "subquery" else None
            if inner is not None and not inner.leaves() and not self._joins(owner).nulled.get(arg.relation):
                row = inner.query.outputs[arg.attribute - 1].expr
                return self._field(t.FieldSelect(expr.type, arg=row, field=expr.field), inner, NOTHING)
        whole = self.of(arg, scope, facts)
        return whole if whole.nullable else unknown("a field of a composite value")

    def _operation(self, expr: t.OpExpr, scope: Scope, facts: Facts) -> Verdict:
        if expr.kind == "distinct":
            return NEVER
        if expr.kind == "nullif":
            return maybe("NULLIF")
        found = worst(self.of(arg, scope, facts) for arg in expr.args)
        if found == NEVER and not operator_keeps_not_null(expr.operator):
            return unknown(f"the operator {expr.operator.name}")
        return found

    def _call(self, expr: t.FuncExpr, scope: Scope, facts: Facts) -> Verdict:
        if never_null(expr.routine):
            return NEVER
        if expr.routine.returns_set:
            return unknown(f"{expr.routine.name}()")
        found = worst(self.of(arg, scope, facts) for arg in expr.args)
        if call_keeps_not_null(expr):
            return found
        name = f"{expr.routine.name}()"
        return found if found.rank and is_strict_routine(expr.routine) else unknown(name)

    def _case(self, expr: t.CaseExpr, scope: Scope, facts: Facts) -> Verdict:
        prover = Prover(scope.query)
        verdicts = []
        for condition, result in expr.whens:
            whole = condition if expr.arg is None else None
            verdicts.append(self.of(result, scope, facts | prover.proved(whole)))
            if whole is not None and _is_certain(whole):  # any other may be NULL where it is not true
                facts |= prover.proved(whole, outcome=False)
        last = expr.otherwise
        if isinstance(last, t.Const) and last.value is None:
            verdicts.append(maybe("CASE without ELSE"))
        else:
            verdicts.append(self.of(last, scope, facts))
        return worst(verdicts)

    def _sublink(self, expr: t.SubLink, scope: Scope, _facts: Facts) -> Verdict:
        if expr.kind in ("exists", "array"):
            return NEVER
        if expr.kind != "expr":
            inner = Scope(expr.query, scope)
            sides = [self.of(test, scope) for test in expr.test]
            sides += [self.output(inner, at) for at in range(len(expr.query.outputs))]
            found = worst(sides)
            strict = all(operator_keeps_not_null(operator) for operator in expr.operators)
            if expr.kind == "rowcompare" and not _gives_one_row(expr.query):
                return maybe("a sub-select that may find no row")
            return found if found.rank or strict else unknown("a comparison with a sub-select")
        if not _gives_one_row(expr.query):
            return maybe("a sub-select that may find no row")
        return self.output(Scope(expr.query, scope), 0)

    # Columns

    def _variable(self, expr: t.Var, scope: Scope, facts: Facts) -> Verdict:
        rte, owner = scope.rte(expr)
        joins = self._joins(owner)
        place = (expr.relation, expr.attribute)
        if place in joins.known or (expr.level == 0 and place in facts):
            return NEVER
        if joins.nulled.get(expr.relation):
            return maybe(OUTER_JOIN)
        if expr.attribute == 0:
            return NEVER
        return self._column(rte, owner, expr.relation, expr.attribute)

    def _joins(self, scope: Scope) -> Joins:
        found: Joins | None = scope.memo.get("joins")
        if found is None:
            found = scope.memo["joins"] = Joins(scope.query)
        return found

    def _column(self, rte: Rte, owner: Scope, index: int, number: int) -> Verdict:
        """A column of an entry of a range table, where that has a row."""
        match rte.kind:
            case "relation":
                return self.of_relation(rte.relation, number)
            case "subquery":
                return self.output(owner.subquery(index), number - 1)
            case "cte":
                scope, table = owner.common_table(rte)
                found: Verdict = scope.cte_outputs(table, "nullable", NEVER, self.output)[number - 1]
                return found
            case "join":
                return self._merged(rte, owner, index, number)
            case "values":
                return worst(self.of(row[number - 1], owner) for row in rte.rows)
            case "function":
                return self._function_column(rte, owner, number)
        return unknown(f"{rte.name} is not followed")

    def _merged(self, rte: Rte, owner: Scope, index: int, number: int) -> Verdict:
        """A column that USING merges: of a full join NULL only where both sides are for other reasons."""
        expr = rte.join_vars[number - 1]
        if rte.join_type != "full" or not isinstance(expr, t.CoalesceExpr):
            return self.of(expr, owner)
        nulled = self._joins(owner).nulled
        kept = {relation: set(joins) for relation, joins in nulled.items()}
        for joins in nulled.values():
            joins.discard(index)
        try:
            return worst(self.of(arg, owner) for arg in expr.args)
        finally:
            nulled.update(kept)

    def _function_column(self, rte: Rte, owner: Scope, number: int) -> Verdict:
        for item in rte.functions:
            if number <= item.width:
                call = item.call
                if len(rte.functions) > 1 or item.width > 1:
                    return unknown("a function in FROM")
                if isinstance(call, t.FuncExpr) and gives_values(call.routine):
                    return NEVER
                return self.of(call, owner)
            number -= item.width
        return NEVER  # WITH ORDINALITY

    def of_relation(self, oid: int, number: int) -> Verdict:
        """A column of a relation that a query reads."""
        inner = self.lineage.under(oid)
        if inner is None:
            return self.of_base(oid, number)
        output = inner.columns[number - 1]
        return NEVER if output.nullable is False else (unknown, maybe)[output.nullable is True](output.why)

    def of_base(self, oid: int, number: int) -> Verdict:
        """A column of a table: NOT NULL, of a domain that is, or demanded by a CHECK."""
        relation = relation_at(self.catalog, oid)
        column = relation.column_at(number) if relation is not None else None
        if number < 0 or (column is not None and _is_not_null(self.catalog, column)):
            return NEVER
        if relation is None or column is None:
            return unknown("the relation is not known")
        if isinstance(relation, Table) and number in self._demanded(relation):
            return NEVER
        if not isinstance(relation, Table):
            return unknown(f"{relation.name}.{column.name} is a view's")
        return maybe(f"{relation.name}.{column.name} is nullable")

    def _demanded(self, table: Table) -> set[int]:
        """The columns that a validated CHECK demands with IS NOT NULL."""
        found: set[int] = set()
        for constraint in self.catalog.constraints(table.oid):
            bound = constraint.expression.bound if constraint.expression is not None else None
            if (
                constraint.type == "c"
                and constraint.validated
                and constraint.enforced
                and isinstance(bound, Bound)
            ):
                prover = Prover(table_query(table))
                conditions = [bound.tree]
                while conditions:
                    condition = conditions.pop()
                    if isinstance(condition, t.BoolExpr) and condition.operator == "and":
                        conditions += condition.args
                    elif isinstance(
                        condition, t.NullTest
                    ):  # a CHECK that is NULL passes, so no other proves it
                        found |= {number for _, number in prover.proved(condition)}
        return found

    _methods: ClassVar[dict[type[t.Expr], Any]] = {
        t.Const: _constant,
        t.Var: _variable,
        t.FuncExpr: _call,
        t.FieldSelect: _field,
        t.OpExpr: _operation,
        t.CoerceViaIO: _via_text,
        t.CaseExpr: _case,
        t.Aggref: _aggregate,
        t.WindowFunc: _window,
        t.SubLink: _sublink,
        t.SubscriptingRef: _subscript,
    }


def table_query(table: Relation) -> Query:
    """The query over one table in whose terms its own expressions are kept."""
    numbers = tuple(column.number for column in table.columns)
    names = tuple(column.name for column in table.columns)
    rte = Rte(kind="relation", name=table.name, relation=table.oid, numbers=numbers, columns=names)
    return Query(targets=(), rtes=(rte,))


def _is_not_null(catalog: Catalog, column: Column) -> bool:
    if column.not_null:
        return True
    ref = column.type
    while ref.oid >= FIRST_USER_OID and not ref.array:
        record = catalog.objects.get(ref.oid)
        if not isinstance(record, Type) or record.kind != "d" or record.base is None:
            return False
        if record.not_null:
            return True
        ref = record.base
    return False


def _is_certain(condition: t.Expr) -> bool:
    """Whether a condition is true or false, never NULL."""
    if isinstance(condition, t.BoolExpr):
        return all(map(_is_certain, condition.args))
    return isinstance(condition, (t.NullTest, t.BooleanTest))


def _ungrouped(expr: t.Expr, query: Query) -> Verdict | None:
    """Of an entry of GROUP BY that some grouping set leaves out."""
    if not query.grouping_sets:
        return None
    for group in query.groups:
        target = next((each.expr for each in query.targets if each.ref == group.ref), None)
        if target == expr and not grouped_everywhere(query, group.ref):
            return maybe("a grouping set that leaves it out")
    return None


def _gives_one_row(query: Query) -> bool:
    """Whether a query gives exactly one row whatever the tables hold."""
    if query.having is not None or query.limit is not None or query.offset is not None or query.groups:
        return False
    if query.set_operations is not None or query.grouping_sets:
        return False
    from schemaguard.catalog.analysis.walk import has, has_set

    targets = [target.expr for target in query.outputs]
    if any(has_set(expr) for expr in targets):
        return False
    aggregated = any(has(expr, t.Aggref) for expr in targets)
    return aggregated or (not query.rtes and query.where is None)
