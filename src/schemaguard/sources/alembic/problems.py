"""What reading an Alembic project finds wrong before anything is replayed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from schemaguard.text import Span

GRAPH_BROKEN = "revision-graph-broken"
MULTIPLE_HEADS = "multiple-heads"
UNREADABLE = "file-unreadable"
UNPARSED = "statement-unparsed"


class Problem(NamedTuple):
    """A finding of the reader: the rule it belongs to, where, what, and further places that show why.

    `evidence`: messages with their places. `object`: what it is about, in words, for the finding's key.
    """

    rule: str
    span: Span
    message: str
    evidence: tuple[tuple[str, Span], ...] = ()
    object: str = ""


class Unusable(Exception):  # noqa: N818 - named for what the source is
    """The source can't be used at all: no ini file, no script location; the message says which."""
