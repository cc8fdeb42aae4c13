"""The project as a rule sees it: the replayed history, the policy, and questions in the domain's words."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from schemaguard.catalog.names import quote_identifier
from schemaguard.config.policy import Money, Taxonomy
from schemaguard.linting.questions import (
    append_only,
    checks,
    columns,
    guards,
    indexes,
    literals,
    matrix,
    routines,
    tenancy,
    views,
)
from schemaguard.linting.questions.matrix import MatrixRow
from schemaguard.linting.questions.policies import RowSecurityQuestions

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from schemaguard.catalog import model
    from schemaguard.catalog.model import (
        Column,
        Constraint,
        Expression,
        Function,
        Index,
        IndexKey,
        Relation,
        Role,
        Table,
        Trigger,
        TypeRef,
        View,
    )
    from schemaguard.catalog.replay import Step
    from schemaguard.catalog.specs import Comparison
    from schemaguard.lineage import Lineage
    from schemaguard.linting.questions.append_only import AppendOnlyTable
    from schemaguard.sources.migration import Migration
    from schemaguard.statements.statement import Origin
    from schemaguard.text import Span


class Project(RowSecurityQuestions):
    """What is under check, as rules see it: `ProjectBase`, and the questions that several rules ask."""

    # Columns

    def type_name(self, ref: TypeRef) -> str:
        """A type as the server spells it."""
        return columns.type_name(self.catalog, ref)

    def is_type(self, ref: TypeRef, wanted: str) -> bool:
        """Whether a type is `wanted`, itself or through domains; modifiers do not count."""
        return columns.is_type(self.catalog, ref, wanted)

    def is_not_null(self, column: Column) -> bool:
        """Whether a column is NOT NULL, itself or through its domain."""
        return columns.is_not_null(self.catalog, column)

    def is_used_elsewhere(self, table: Table, column: Column) -> bool:
        """Whether something else uses a column that can't stay as it is when it is dropped or changes its type."""
        return columns.is_used_elsewhere(self.catalog, table, column)

    def not_null_check(self, table: Table, column: Column) -> Constraint | None:
        """A validated CHECK that demands the column."""
        return columns.not_null_check(self.catalog, table, column)

    def one_of_check(self, table: Table, those: Sequence[Column]) -> Constraint | None:
        """A validated CHECK that demands at least one of some columns."""
        return columns.one_of_check(self.catalog, table, those)

    def nonnegative_check(self, table: Table, column: Column) -> Constraint | None:
        """A CHECK, of the table or of the column's domain, that refuses negative values."""
        return checks.nonnegative_check(self.catalog, table, column)

    def listed_values(self, table: Table, column: Column) -> list[tuple[Constraint, list[str]]]:
        """The CHECKs, of the table or of the column's domain, that hold a column to a list, with the list."""
        return list(checks.listed_values(self.catalog, table, column))

    def is_random_default(self, column: Column) -> bool:
        """Whether the server fills the column with a fresh random uuid."""
        return columns.is_random_default(column)

    # Ledgers and money

    @cached_property
    def append_only_tables(self) -> list[AppendOnlyTable]:
        """The append-only tables, with what is demanded of each; their partitions and children, too."""
        return append_only.append_only_tables(self.catalog, self.policy, self.governed_tables)

    def corrects_by_adding(self, table: Table) -> bool:
        """Whether a table is append-only and its corrections are offsetting entries."""
        return any(each.demands.corrections == "additive" for each in self._append_only.get(table.oid, ()))

    def additive_because(self, table: Table) -> Span | None:
        """Where the config says that a table's corrections are additive."""
        for each in self._append_only.get(table.oid, ()):
            return self.policy.where("append_only", each.pattern, "corrections")
        return None

    def append_only_parts(self, table: Table) -> Sequence[AppendOnlyTable]:
        """A configured append-only table with its partitions and children."""
        return self._append_only_parts.get(table.oid, ())

    @cached_property
    def _append_only_parts(self) -> Mapping[int, Sequence[AppendOnlyTable]]:
        """The append-only tables by the oid of their root."""
        found: dict[int, list[AppendOnlyTable]] = {}
        for each in self.append_only_tables:
            found.setdefault(each.root.oid, []).append(each)
        return found

    @cached_property
    def _append_only(self) -> Mapping[int, Sequence[AppendOnlyTable]]:
        """The append-only tables by oid."""
        found: dict[int, list[AppendOnlyTable]] = {}
        for each in self.append_only_tables:
            found.setdefault(each.table.oid, []).append(each)
        return found

    def refusing_triggers(self, table: Table) -> list[Trigger]:
        """The triggers, disabled ones among them, whose function refuses an UPDATE or DELETE on any path."""
        return guards.refusing_triggers(self.catalog, table)

    def guard(self, table: Table, ending: str, event: str, level: str) -> str:
        """The statements that make a trigger which refuses an event, with its function; both are named `t_ending`."""
        named = msgspec.structs.replace(table, name=f"{table.name}_{ending}")
        return guards.guard(self.sql(table), quote_identifier(named.name), self.sql(named), event, level)

    def with_body_part(self, function: Function, place: Span, text: str) -> str:
        """The statement that replaces a function by itself, with `text` at a place of its body; "" where none can."""
        return guards.with_body_part(function, place, text) if text else ""

    def guard_gap(self, table: Table, event: str) -> str:
        """Why an event gets past the guards of a table for a role of the application; "" where it does not."""
        return guards.guard_gap(self.catalog, table, event, self.app_roles)

    def literal_default(self, column: Column) -> str | None:
        """The string literal that is a column's default."""
        return literals.literal_default(column)

    def span_in(self, origin: Origin | None, offset: int) -> Origin | None:
        """The place of a part of the statement that a fact comes from, by its byte offset."""
        return origin if origin is None or offset < 0 else type(origin)(origin.statement, offset)

    @property
    def money(self) -> Money:
        """How amounts are stored: what the config says, or its defaults."""
        return self.policy.money or Money()

    # Indexes

    @cached_property
    def index_plan(self) -> Mapping[str, object] | None:
        """The indexes that the index plan names, None where there is no plan."""
        return indexes.read_plan(self.files, self.policy.index_plan)

    def same_key(self, left: IndexKey, right: IndexKey) -> bool:
        """Whether two index keys of a table are the same column or expression, in the same order and class."""
        return indexes.same_key(left, right)

    def same_predicate(self, left: Index, right: Index) -> bool:
        """Whether two indexes of a table cover the same rows."""
        return indexes.same_predicate(left, right)

    def only_excludes_nulls(self, predicate: Expression, numbers: Collection[int]) -> bool:
        """Whether a predicate leaves out nothing but rows in which one of the columns is NULL."""
        return indexes.only_excludes_nulls(predicate, numbers)

    # Migrations

    def migration_of(self, origin: Origin) -> Migration | None:
        """The migration that a fact comes from; None for what the config presumes."""
        steps, number = self.history.steps, origin.statement.number
        if 0 <= number < len(steps) and steps[number].statement is origin.statement:
            return steps[number].migration
        return None

    def down_program(self, migration: Migration, steps: Sequence[Step] = ()) -> Span:
        """Where a down program is: its `downgrade()`, else its first statement, else the beginning of the file."""
        text = migration.file.text
        for definition in ("def downgrade(", "def upgrade("):
            if (start := text.find(definition)) >= 0:
                return migration.file.line_span(migration.file.position(start)[0])
        first = next((step for step in steps if step.statement.span.file.path.endswith(".sql")), None)
        return migration.file.line_span(1) if first is None else first.statement.span

    def held_data_before(self, born: Origin | None, step: Step) -> bool:
        """Whether what a step takes away was there before: an earlier migration made it, of the base if there is one.

        `born`: the statement that made it, None where that is not known.
        """
        maker = None if born is None else self.migration_of(born)
        if born is None or maker is step.migration:
            return False
        return self.base is None or maker is None or self.base.had(maker)

    # The target matrix

    def matrix_row(self, relation: Relation) -> MatrixRow | None:
        """What the target matrix says of a relation; None where no row matches."""
        return matrix.matrix_row(self.policy, self.catalog.schema_name(relation.schema), relation.name)

    @property
    def default_matrix_row(self) -> MatrixRow | None:
        """What the row `*` says: of a table that is not there yet nothing else is known."""
        if "*" not in self.policy.privileges:
            return None
        row = self.policy.privileges["*"]
        place = self.policy.where
        roles = {
            role: matrix.allowance(words, "*", place("privileges", "*", role)) for role, words in row.items()
        }
        return MatrixRow(roles, place("privileges", "*"))

    @cached_property
    def matrix_roles(self) -> list[Role]:
        """The roles that the matrix names, and those of the application."""
        return matrix.matrix_roles(self.catalog, self.policy, self.app_roles)

    def is_append_only(self, oid: int) -> bool:
        """Whether the relation is an append-only table, or a part of one."""
        return oid in self._append_only

    def serial_sequences(self, relation: Relation) -> list[model.Sequence]:
        """The sequences that a relation's columns take their defaults from, those of identity columns aside."""
        return routines.serial_sequences(self.catalog, relation)

    # Routines

    def signature(self, function: Function) -> str:
        """A routine as SQL names it: with its schema where that is not `public`, and its input types."""
        return routines.signature(self.catalog, function)

    def sensitive_tables_touched(self, function: Function) -> list[Table]:
        """The tenant and append-only tables that a routine's body reads or writes."""
        oids = routines.relations_named(self.catalog, function)
        sensitive = (
            each
            for each in self.governed_tables
            if self.is_tenant_table(each.oid) or self.is_append_only(each.oid)
        )
        return [table for table in sensitive if table.oid in oids]

    # Views

    def tables_under(self, view: View) -> list[Table]:
        """The tables that a view reads, through other views, too."""
        return views.tables_under(self.catalog, view)

    def escaped_tables(self, view: View, reader: Role) -> list[views.Escape]:
        """The protected tables whose rows a role gets from a view past their policies."""
        return views.escaped_tables(self.catalog, view, reader.oid)

    def as_invoker(self, view: View) -> str:
        """The statements by which a view, and the views under it, read with the rights of who asks."""
        definers = views.definer_views(self.catalog, view)
        return "\n".join(f"ALTER VIEW {self.sql(each)} SET (security_invoker = true);" for each in definers)

    def key_of(self, view: View) -> list[str]:
        """The columns that tell a view's rows apart: those that it groups by, or all of a DISTINCT; else none."""
        return views.key_of(view)

    def readable_views_over(self, view: View) -> list[View]:
        """The views over a (materialized) view that the application can read."""
        return views.readable_views_over(self.catalog, view, self.app_roles)

    def filters_by_tenant(self, view: View) -> bool:
        """Whether a view compares the tenant column with the setting."""
        return views.filters_by_tenant(self.catalog, view, self.tenants)

    @cached_property
    def lineage(self) -> Lineage:
        """Which base columns each column of a view is made of, and whether it may be NULL."""
        from schemaguard.lineage import Lineage  # worked out for the rules that ask only

        return Lineage(self.catalog)

    # Specifications

    @cached_property
    def spec_comparison(self) -> Comparison:
        """The DDL specifications held against the history."""
        from schemaguard.catalog.specs import compare_specs  # worked out for the rules that ask only
        from schemaguard.linting.history import query_engine

        return compare_specs(self.catalog, self.specs, query_engine())

    # Taxonomies

    @cached_property
    def taxonomy_columns(self) -> list[tuple[Table, Column, Taxonomy]]:
        """The columns of governed tables that hold codes of a taxonomy."""
        return [
            (table, column, taxonomy)
            for table in self.governed_tables
            for column in table.columns
            if (
                taxonomy := self.policy.taxonomy_of(
                    self.catalog.schema_name(table.schema), table.name, column.name
                )
            )
        ]

    def table_named(self, pattern: str) -> Table | None:
        """The table that the config names, with or without its schema."""
        return tenancy.table_named(self.catalog, pattern)

    def is_column(self, table: Table, number: int, name: str) -> bool:
        """Whether an attribute number is the column of that name."""
        column = table.column_at(number)
        return column is not None and column.name == name
