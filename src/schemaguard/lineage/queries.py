"""Lineage of a query that stands alone: of a statement in a function's body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.lineage.records import Source
from schemaguard.lineage.scope import Scope
from schemaguard.lineage.values import Values

if TYPE_CHECKING:
    from schemaguard.catalog.analysis.query_tree import Query
    from schemaguard.lineage.relations import Lineage


def query_sources(lineage: Lineage, query: Query) -> list[Source]:
    """The base columns that are part of the values of a query's columns, each with what is done to it."""
    values = Values(lineage)
    scope = Scope(query)
    found = [values.output(scope, at) for at in range(len(query.outputs))]
    return [
        Source(relation, number, steps)
        for each in found
        for (relation, number, decides), steps in each.items()
        if not decides
    ]
