"""A target that only remembers what a branch would do, until it is known whether the branch matters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from schemaguard.sources.migration import Target
    from schemaguard.text import Span, SqlText

Effect = tuple[Any, ...]
"""A kind and what two effects of that kind are compared by: the SQL of `execute`, the reason of `opaque`."""


class TrialTarget:
    """Stands in for a target while a branch is tried: keeps its effects, answers as if they had happened."""

    def __init__(self, inner: Target) -> None:
        """Try something that would act on `inner`."""
        self.inner = inner
        self.effects: list[Effect] = []
        self._acts: list[Callable[[Target], None]] = []

    def perform(self, target: Target) -> None:
        """Do to `target` what the branch did."""
        for act in self._acts:
            act(target)

    def execute(self, sql: SqlText, *, always: bool = False) -> None:
        """Remember SQL."""
        self._remember(("execute", sql.text, always), lambda target: target.execute(sql, always=always))

    def opaque(self, span: Span, reason: str, remedy: str = "") -> None:
        """Remember a report."""
        self._remember(("opaque", reason), lambda target: target.opaque(span, reason, remedy))

    def note(self, rule: str, span: Span, message: str) -> None:
        """Remember a finding."""
        self._remember(("note", rule, message), lambda target: target.note(rule, span, message))

    def begin_maybe(self, span: Span, reason: str) -> None:
        """Remember the beginning of an uncertain stretch."""
        self._remember(("begin_maybe", reason), lambda target: target.begin_maybe(span, reason))

    def end_maybe(self) -> None:
        """Remember its end."""
        self._remember(("end_maybe",), lambda target: target.end_maybe())

    def _remember(self, effect: Effect, act: Callable[[Target], None]) -> None:
        self.effects.append(effect)
        self._acts.append(act)

    def rows(self, sql: str, parameters: dict[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        """Answer a catalog query as it would be answered after the effects so far."""
        rows: Sequence[tuple[Any, ...]] = self._after_effects(lambda target: target.rows(sql, parameters))
        return rows

    def columns(self, sql: str) -> Sequence[str]:
        """Output columns of a catalog query."""
        names: Sequence[str] = self._after_effects(lambda target: target.columns(sql))
        return names

    def reflection(self) -> Any:  # noqa: ANN401 - as Target has it
        """The catalog; while effects wait, the answers must be taken inside `applied`."""
        return self._real.reflection()

    def _after_effects(self, ask: Callable[[Target], Any]) -> Any:  # noqa: ANN401 - whatever is asked
        marks = self.apply()
        try:
            return ask(self._real)
        finally:
            self.withdraw(marks)

    @property
    def _real(self) -> Target:
        return self.inner._real if isinstance(self.inner, TrialTarget) else self.inner  # noqa: SLF001 - its own class

    def apply(self) -> int | None:
        """Let the effects so far, and those of the trials around, happen for a moment; None if none matters."""
        layers: list[TrialTarget] = [self]
        while isinstance(inner := layers[-1].inner, TrialTarget):
            layers.append(inner)
        if not any(effect[0] == "execute" for layer in layers for effect in layer.effects):
            return None
        mark = self._real.mark()
        for layer in reversed(layers):
            layer.perform(self._real)
        return mark

    def withdraw(self, mark: int | None) -> None:
        """End what `apply` began."""
        if mark is not None:
            self._real.rewind(mark)

    def mark(self) -> int:
        """The number of effects so far."""
        return len(self.effects)

    def rewind(self, mark: int) -> None:
        """Forget the effects since `mark`."""
        del self.effects[mark:]
        del self._acts[mark:]

    def changes_since(self, mark: int) -> object:
        """The effects since `mark`."""
        return tuple(self.effects[mark:])


class QuietTarget(TrialTarget):
    """What the top level of a module would do to the database: nothing, since Alembic only imports it."""

    def execute(self, sql: SqlText, *, always: bool = False) -> None:
        """Leave SQL out."""

    def opaque(self, span: Span, reason: str, remedy: str = "") -> None:
        """Leave a report out: the value that could not be known says so where it is used."""

    def note(self, rule: str, span: Span, message: str) -> None:
        """Leave a finding out."""


class NoTarget:
    """A database of which nothing is known: where a program is read before there is any."""

    def execute(self, sql: SqlText, *, always: bool = False) -> None:
        """Do nothing."""

    def opaque(self, span: Span, reason: str, remedy: str = "") -> None:
        """Do nothing."""

    def note(self, rule: str, span: Span, message: str) -> None:
        """Do nothing."""

    def rows(self, sql: str, parameters: dict[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        """Refuse.

        Raises:
            Unanswerable: always.
        """
        del sql, parameters
        reason = "there is no catalog yet"
        raise Unanswerable(reason)

    def columns(self, sql: str) -> Sequence[str]:
        """Refuse.

        Raises:
            Unanswerable: always.
        """
        return [str(row) for row in self.rows(sql)]

    def reflection(self) -> Any:  # noqa: ANN401 - as Target has it
        """Refuse.

        Raises:
            Unanswerable: always.
        """
        return self.rows("")

    def mark(self) -> int:
        """There is only one state."""
        return 0

    def rewind(self, mark: int) -> None:
        """Do nothing."""

    def changes_since(self, mark: int) -> object:
        """Nothing ever changes."""
        return mark

    def begin_maybe(self, span: Span, reason: str) -> None:
        """Do nothing."""

    def end_maybe(self) -> None:
        """Do nothing."""
