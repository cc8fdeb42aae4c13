"""Which tables hold rows of tenants, and by which column."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

from schemaguard.catalog.model import Table
from schemaguard.config.patterns import matches_table
from schemaguard.config.policy import Tenancy
from schemaguard.linting.questions.governed import BOOKKEEPING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.model import Column
    from schemaguard.catalog.state import Catalog
    from schemaguard.config import Policy

CANDIDATES = (
    "tenant_id",
    "organization_id",
    "organisation_id",
    "org_id",
    "workspace_id",
    "company_id",
    "account_id",
    "customer_id",
)
"""Columns that are taken to name the tenant where the config says nothing, the likeliest first.

Only the first says so by its name. Any other is one where a policy asks for it: an application that keeps its
customers apart by itself has such columns as well, and expects nothing of the database.
"""


class Tenants:
    """How rows belong to tenants.

    `setting` is what the config says, or inferred. `table`: the table of tenants, None where the history
    makes none. `tables`: those that hold tenants' rows.
    """

    def __init__(self, catalog: Catalog, setting: Tenancy, tables: list[Table], *, inferred: bool) -> None:
        """Take the setting and the tables it leaves."""
        self.catalog = catalog
        self.setting = setting
        self.tables = tables
        self.inferred = inferred

    @cached_property
    def oids(self) -> frozenset[int]:
        """Oids of `tables`."""
        return frozenset(table.oid for table in self.tables)

    @cached_property
    def table(self) -> Table | None:
        """The table of tenants."""
        return table_named(self.catalog, self.setting.table)

    def column(self, table: Table) -> Column | None:
        """The column by which a table's rows belong to a tenant; in the table of tenants its key."""
        own = self.table is not None and table.oid == self.table.oid
        return table.column(self.setting.key if own else self.setting.column)

    def reaches_tenants(self, table: Table, number: int) -> bool:
        """Whether a chain of foreign keys leads from a column to the tenants' key."""
        if self.table is None:
            return False
        seen: set[tuple[int, int]] = set()
        pending = [(table.oid, number)]
        while pending:
            place = pending.pop()
            if place in seen:
                continue
            seen.add(place)
            for key in self.catalog.constraints(place[0]):
                if key.type == "f" and place[1] in key.columns:
                    target = key.ref_columns[key.columns.index(place[1])]
                    if key.ref_table == self.table.oid:
                        return True
                    pending.append((key.ref_table, target))
        return False

    @property
    def assumption(self) -> str:
        """What was inferred, as a sentence without its full stop."""
        setting, number = self.setting, len(self.tables)
        return (
            f"tenants are told apart by `{setting.column}`, as in {number} table{'' if number == 1 else 's'}"
        )


def tenants(catalog: Catalog, policy: Policy, governed: Sequence[Table]) -> Tenants | None:
    """The configured tenancy, else an inferred one, else None."""
    if policy.says("tenancy"):
        setting = policy.tenancy
        if setting is None:
            return None
        return Tenants(catalog, setting, _unshared(catalog, policy, governed), inferred=False)
    return _inferred(catalog, governed)


def _unshared(catalog: Catalog, policy: Policy, governed: Sequence[Table]) -> list[Table]:
    return [
        table
        for table in governed
        if table.name not in BOOKKEEPING
        and not policy.is_shared(catalog.schema_name(table.schema), table.name)
    ]


def _inferred(catalog: Catalog, governed: Sequence[Table]) -> Tenants | None:
    """The candidate that most tables have, at least two; shared is what neither has it nor refers to what has."""
    counts = Counter(
        column.name for table in governed for column in table.columns if column.name in CANDIDATES
    )
    asked = _asked_by_policies(catalog, governed)
    likely = [name for name in CANDIDATES if name == CANDIDATES[0] or name in asked]
    found = max(likely, key=lambda name: (counts[name], -CANDIDATES.index(name)))
    if counts[found] < 2:
        return None
    having = {table.oid for table in governed if table.column(found) is not None}
    target = _tenant_table(catalog, governed, found)
    setting = Tenancy(
        table=target.name if target else found.removesuffix("_id") + "s",
        key="id",
        column=found,
        type=_type(catalog, governed, found),
    )
    reached = set(having)
    by_oid = {table.oid: table for table in governed}
    grew = True
    while grew:
        added = {
            oid
            for oid in by_oid.keys() - reached
            if (target is None or oid != target.oid) and _references(catalog, oid) & reached
        }
        reached |= added
        grew = bool(added)
    tables = [table for table in governed if table.oid in reached and table.name not in BOOKKEEPING]
    return Tenants(catalog, setting, tables, inferred=True)


def _asked_by_policies(catalog: Catalog, governed: Sequence[Table]) -> set[str]:
    """The columns of their tables that policies name."""
    return {
        name
        for table in governed
        for policy in catalog.policies(table.oid)
        for expression in (policy.using, policy.check)
        if expression is not None
        for name, _number in expression.columns
    }


def _references(catalog: Catalog, table: int) -> set[int]:
    """The tables that a table's foreign keys refer to."""
    return {
        each.ref_table for each in catalog.constraints(table) if each.type == "f" and each.ref_table != table
    }


def _tenant_table(catalog: Catalog, governed: Sequence[Table], column: str) -> Table | None:
    """The table that most foreign keys of that one column refer to, else one whose name says so."""
    targets: Counter[int] = Counter()
    for table in governed:
        own = table.column(column)
        targets.update(
            each.ref_table
            for each in catalog.constraints(table.oid)
            if each.type == "f" and own and each.columns == (own.number,)
        )
    if targets:
        record = catalog.objects[targets.most_common(1)[0][0]]
        return record if isinstance(record, Table) else None
    stem = column.removesuffix("_id")
    return next((table for table in governed if table.name in (stem, f"{stem}s")), None)


def _type(catalog: Catalog, governed: Sequence[Table], column: str) -> str:
    """The type that the column has in most tables."""
    from schemaguard.catalog.analysis.types import format_type

    found = Counter(
        format_type(catalog, own.type) for table in governed if (own := table.column(column)) is not None
    )
    return found.most_common(1)[0][0]


def table_named(catalog: Catalog, pattern: str) -> Table | None:
    """The table that a config names, with or without its schema; the first of several."""
    asked = (table_named, pattern)
    if asked not in catalog.derived:
        catalog.derived[asked] = next(
            (
                table
                for table in catalog.tables()
                if matches_table(pattern, catalog.schema_name(table.schema), table.name)
            ),
            None,
        )
    found: Table | None = catalog.derived[asked]
    return found
