"""Which tables are append-only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.config.patterns import most_specific

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemaguard.catalog.model import Table
    from schemaguard.catalog.state import Catalog
    from schemaguard.config import Policy
    from schemaguard.config.policy import AppendOnly


class AppendOnlyTable(NamedTuple):
    """An append-only table and what is demanded of it, by which pattern of the config.

    `root`: the listed table that it is a partition or child of, or itself.
    """

    table: Table
    demands: AppendOnly
    root: Table
    pattern: str

    @property
    def is_part(self) -> bool:
        """Whether it is a partition or child of the table that the config lists."""
        return self.table.oid != self.root.oid


def append_only_tables(catalog: Catalog, policy: Policy, tables: Iterable[Table]) -> list[AppendOnlyTable]:
    """The listed tables, and their partitions and children, whose rows can be changed directly as well."""
    if not policy.append_only:
        return []
    found: dict[int, AppendOnlyTable] = {}
    for table in tables:
        pattern = most_specific(policy.append_only, catalog.schema_name(table.schema), table.name)
        if pattern is not None:
            found[table.oid] = AppendOnlyTable(table, policy.append_only[pattern], table, pattern)
    waiting = list(found.values())
    while waiting:
        parent = waiting.pop()
        for child in catalog.children(parent.table.oid):
            if child.oid not in found:
                found[child.oid] = parent._replace(table=child)
                waiting.append(found[child.oid])
    for each in found.values():  # what a pattern names together with its whole is a part all the same
        root = next((found[oid].table for oid in each.table.parents if oid in found), None)
        while root is not None:
            found[each.table.oid] = found[each.table.oid]._replace(root=root)
            root = next((found[oid].table for oid in root.parents if oid in found), None)
    return sorted(found.values(), key=lambda each: each.table.oid)
