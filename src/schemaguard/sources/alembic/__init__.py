"""Alembic projects, read without running them: revisions in order, and the SQL that each sends."""

from __future__ import annotations

from schemaguard.sources.alembic.loading import AlembicSource, load
from schemaguard.sources.alembic.options import AlembicOptions
from schemaguard.sources.alembic.problems import Problem, Unusable

__all__ = ["AlembicOptions", "AlembicSource", "Problem", "Unusable", "load"]
