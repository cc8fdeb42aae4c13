"""The values of an enum in the contract, and those that a column can have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.commands.nodes import strings
from schemaguard.catalog.model import Table, Type
from schemaguard.catalog.seeds import seeded_rows
from schemaguard.catalog.widening import base_type
from schemaguard.contracts.crosscheck import cross_check
from schemaguard.contracts.records import Misfit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Column
    from schemaguard.linting.project import Project
    from schemaguard.linting.rule import Place

_STRING = re.compile(r"'([^']*)'")


class Listed(NamedTuple):
    """The values that something holds a column to: `what` in words, and where it says so.

    `steps`: the statements that added values one by one, where it was not made at once.
    """

    values: tuple[str, ...]
    what: str
    at: Place
    steps: tuple[tuple[frozenset[str], Place], ...] = ()

    def added(self, wanted: list[str]) -> Place:
        """The last statement that added one of some values, else the last that added any, else where the list is."""
        for values, place in reversed(self.steps):
            if values.intersection(wanted):
                return place
        return self.steps[-1][1] if self.steps else self.at


def enum_misfits(project: Project) -> Iterator[Misfit]:
    """Fields with an enum that is not the list of the column's values."""
    for mapped in cross_check(project).mapped:
        enum = mapped.shape.enum
        if mapped.stored is None or enum is None or mapped.conversion:
            continue
        table, column = mapped.stored
        listed = listed_for(project, table, column)
        if listed is None:
            continue
        refused = [value for value in enum.values if value not in listed.values]
        unknown = [value for value in listed.values if value not in enum.values]
        # What only one side sends can be a part of what the other side knows.
        wrong = []
        if refused:
            wrong.append(f"{listed.what} refuses {_listing(refused)}")
        if unknown and (mapped.is_answered or not mapped.is_asked):
            wrong.append(f"the contract lacks {_listing(unknown)}")
        if wrong:
            because = ((enum.place, "the contract's values"), (mapped.place, "mapped here"))
            at = listed.added(unknown or refused)
            yield Misfit(mapped, table, column, ", and ".join(wrong), at, because)


def listed_for(project: Project, table: Table, column: Column) -> Listed | None:
    """What holds a column to a list: its enum type, a CHECK of the table or a domain, the rows it refers to."""
    kind = project.catalog.objects.get(base_type(project.catalog, column.type).oid)
    if isinstance(kind, Type) and kind.kind == "e":
        return Listed(kind.labels, f"the type `{project.name(kind)}`", kind.because, _labels(project, kind))
    for constraint, values in project.listed_values(table, column):
        return Listed(tuple(values), f"the CHECK `{constraint.name}`", constraint.because)
    return _seeded(project, table, column)


def _seeded(project: Project, table: Table, column: Column) -> Listed | None:
    """The rows that migrations write into the lookup table that a column refers to."""
    for constraint in project.catalog.constraints(table.oid):
        if constraint.type != "f" or column.number not in constraint.columns:
            continue
        lookup = project.catalog.objects.get(constraint.ref_table)
        number = constraint.ref_columns[constraint.columns.index(column.number)]
        key = lookup.column_at(number) if isinstance(lookup, Table) else None
        if not isinstance(lookup, Table) or key is None:
            continue
        rows = seeded_rows(project.catalog, lookup).rows
        values = [row.get(key.name) for row in rows]
        if values and all(value is not None for value in values):
            return Listed(
                tuple(dict.fromkeys(map(str, values))),
                f"the lookup table `{project.name(lookup)}`",
                constraint.because,
                _inserts(project, lookup),
            )
    return None


def _labels(project: Project, kind: Type) -> tuple[tuple[frozenset[str], Place], ...]:
    """The statements that added a label to an enum type after it was made."""
    return tuple(
        (frozenset((str(step.statement.node["newVal"]),)), step.statement.span)
        for step in project.history.steps
        if step.statement.kind == "AlterEnumStmt"
        and step.error is None
        and "newVal" in step.statement.node
        and strings(step.statement.node["typeName"])[-1] == kind.name
    )


def _inserts(project: Project, lookup: Table) -> tuple[tuple[frozenset[str], Place], ...]:
    """The statements that wrote rows of a lookup table, with the strings in them."""
    return tuple(
        (frozenset(_STRING.findall(step.statement.sql)), step.statement.span)
        for step in project.history.steps
        if step.statement.kind == "InsertStmt"
        and step.error is None
        and step.statement.node.get("relation", {}).get("relname") == lookup.name
    )


def _listing(values: list[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)
