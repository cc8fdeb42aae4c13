"""Lineage: which base columns each column of a view is made of, through which expressions, and whether it may be NULL.

PostgreSQL's own parse analysis is followed, as `catalog.analysis` does it: every column is resolved to (oid, number),
so `SELECT *`, USING, NATURAL, CTEs, LATERAL and set operations need no second understanding of SQL.
"""

from __future__ import annotations

from schemaguard.lineage.records import OutputLineage, RelationLineage, Source, Step
from schemaguard.lineage.relations import Lineage, columns_of, lineage_of

__all__ = ["Lineage", "OutputLineage", "RelationLineage", "Source", "Step", "columns_of", "lineage_of"]
