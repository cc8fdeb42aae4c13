"""DDL specifications: files that say what tables ought to be, each held against what the history makes of them."""

from __future__ import annotations

from schemaguard.catalog.specs.replaying import Comparison, compare_specs
from schemaguard.catalog.specs.results import Drift, Orphan

__all__ = ["Comparison", "Drift", "Orphan", "compare_specs"]
