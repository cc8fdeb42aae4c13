"""A migration, and what it may ask of the history it is replayed into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.text import SourceFile, Span, SqlText


class Unanswerable(Exception):  # noqa: N818 - not an error of anybody's, an honest answer
    """A question that the replayed catalog cannot answer; the message says why, as the end of a sentence."""


class Target(Protocol):
    """What a migration acts on while it is replayed: the catalog as the history has left it so far.

    Plain SQL only calls `execute`. The Alembic interpreter and PL/pgSQL also ask questions and try branches.
    """

    def execute(self, sql: SqlText, *, always: bool = False) -> None:
        """Parse `sql` (any number of statements) and apply it; what fails becomes a finding, nothing is raised."""

    def opaque(self, span: Span, reason: str, remedy: str = "") -> None:
        """Report that something at `span` could not be known, why, and what to declare to resolve it."""

    def note(self, rule: str, span: Span, message: str) -> None:
        """Report a finding of the coverage family or of the migration's own form at `span`."""

    def rows(self, sql: str, parameters: dict[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        """Answer a catalog query (`pg_catalog`, `information_schema`) as the server would at this point.

        Raises:
            Unanswerable: the query reads anything else, or is beyond the translator.
        """

    def columns(self, sql: str) -> Sequence[str]:
        """Output column names of a catalog query that `rows` answers."""

    def reflection(self) -> Any:  # noqa: ANN401 - a catalog; sources may not import its type
        """The replayed `catalog.Catalog` at this point, for `sa.inspect`."""

    def mark(self) -> int:
        """Remember the state, for `rewind` and `changes_since`."""

    def rewind(self, mark: int) -> None:
        """Take the state back to `mark`; findings made since stay."""

    def changes_since(self, mark: int) -> object:
        """A value that compares equal for two runs with the same effects since `mark`."""

    def begin_maybe(self, span: Span, reason: str) -> None:
        """Effects from here to `end_maybe` may or may not happen in the real history."""

    def end_maybe(self) -> None:
        """Close the innermost `begin_maybe`."""


class Migration(Protocol):
    """One step of the history: a SQL file, or a revision of Alembic.

    `name`: revision id or file stem, as `--at` takes it. `file`: where it is written. `origin`: the source it belongs
    to (the config's or detected name). `role`: who runs it. `has_down`: None where the layout knows no down program.
    `shares_session`: its origin runs all migrations over one connection, so that SET outlives a migration (Alembic).
    `once`: it is applied once and never again, so that to edit it does nothing to a database that has it; others
    (boot scripts, Flyway's repeatable ones, dumps) are written anew and applied anew. `after`: the names of those that
    it says it comes after, where databases remember migrations by name (revisions, Django's); None where the order of
    the names is all there is.
    """

    name: str
    title: str
    file: SourceFile
    origin: str
    role: str
    has_down: bool | None
    transactional: bool
    shares_session: bool
    once: bool

    @property
    def after(self) -> Sequence[str] | None:
        """See the class."""

    def up(self, target: Target) -> None:
        """Apply the up program to `target`."""

    def down(self, target: Target) -> None:
        """Apply the down program to `target`; does nothing where there is none."""
