"""What can be wrong with an Alembic project before anything is replayed."""

from __future__ import annotations

from schemaguard.sources.problems import Problem

__all__ = ["GRAPH_BROKEN", "MULTIPLE_HEADS", "UNPARSED", "UNREADABLE", "Problem", "Unusable"]

GRAPH_BROKEN = "revision-graph-broken"
MULTIPLE_HEADS = "multiple-heads"
UNREADABLE = "file-unreadable"
UNPARSED = "statement-unparsed"


class Unusable(Exception):  # noqa: N818 - named for what the source is
    """The source can't be used at all: no ini file, no script location; the message says which."""
