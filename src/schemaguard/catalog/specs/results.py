"""What comparing a specification with the history finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from schemaguard.sources.migration import Migration
    from schemaguard.statements.statement import Origin
    from schemaguard.text import Span

    Place = Origin | Span | None


class Drift(NamedTuple):
    """One difference between a specification and the history, or a statement of one that can't be compared.

    `relation`: the oid of what it concerns in the history, 0 where it concerns nothing there. `detail` names the
    difference for keys (``column note``, ``constraint orders_check``). `words`: a clause that says it. `history`: the
    statement of the migrations, `spec` that of the specification; None on a side that has none.
    """

    script: Migration
    relation: int
    detail: str
    words: str
    history: Place
    spec: Place


class Orphan(NamedTuple):
    """What a specification creates and the history does not; `name` is "" where it creates nothing at all."""

    script: Migration
    kind: str
    name: str
    at: Place
