"""Fields that hold codes of a taxonomy: the contract must say so, and must not keep a list of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.contracts.crosscheck import cross_check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Column, Table
    from schemaguard.config.policy import Taxonomy
    from schemaguard.contracts.records import Mapped
    from schemaguard.linting.project import Project
    from schemaguard.text import Span


class Undocumented(NamedTuple):
    """A field of codes that the contract does not describe as such, or gives its own `enum` (`lists` is true)."""

    mapped: Mapped
    table: Table
    column: Column
    taxonomy: Taxonomy
    lists: bool
    at: Span


def undocumented_codes(project: Project) -> Iterator[Undocumented]:
    """Fields that columns of codes hold, each once."""
    seen: set[tuple[int, str]] = set()
    for mapped in cross_check(project).mapped:
        if mapped.stored is None or mapped.field.key in seen:
            continue
        table, column = mapped.stored
        taxonomy = project.policy.taxonomy_of(
            project.catalog.schema_name(table.schema), table.name, column.name
        )
        if taxonomy is None or not mapped.shape.known:
            continue
        seen.add(mapped.field.key)
        if mapped.shape.enum is not None:
            yield Undocumented(mapped, table, column, taxonomy, lists=True, at=mapped.shape.enum.place)
        elif not _names(mapped.shape.description, taxonomy.table):
            yield Undocumented(mapped, table, column, taxonomy, lists=False, at=mapped.field.place)


def _names(description: str, table: str) -> bool:
    """Whether a description names the taxonomy: `channel_taxonomy`, "channel taxonomy"."""
    words = re.escape(table.rpartition(".")[2]).replace("_", "[_ -]")
    return re.search(rf"\b{words}\b", description, re.IGNORECASE) is not None
