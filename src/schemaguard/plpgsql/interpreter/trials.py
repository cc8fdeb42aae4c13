"""What depends on something unknown: every branch is tried from the same state, and the effects are compared.

Branches with equal effects decide nothing: one is taken. A branch that raises an error is not the one that the
history took, since the history went on. Where effects differ, those of the first branch that has any stay, marked as
uncertain, and so is what the others would have changed.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from schemaguard.catalog.errors import Opaque, Refused
from schemaguard.catalog.uncertainty import NOTHING, Changes, add_unknown
from schemaguard.plpgsql.values.kinds import Record, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemaguard.catalog.replay import Step
    from schemaguard.plpgsql.interpreter.frame import Frame, Variable
    from schemaguard.plpgsql.interpreter.machine import Machine
    from schemaguard.plpgsql.interpreter.signals import Signal
    from schemaguard.plpgsql.language.tree import Body
    from schemaguard.text import Span

NESTED_LIMIT = 5
"""Unknown conditions inside of unknown conditions, as many deep as are tried."""


class State(NamedTuple):
    """What a trial can change and must give back."""

    mark: int
    settings: tuple[Any, ...]
    variables: dict[int, tuple[Variable, Value]]
    steps: int
    notes: int
    rows: int


class Outcome(NamedTuple):
    """What a branch came to: `effects` compares equal for the same changes."""

    effects: Any
    settings: tuple[Any, ...]
    variables: dict[int, tuple[Variable, Value]]
    signal: Signal | None
    error: Refused | None
    rows: tuple[Value, ...]


def undecided(
    machine: Machine, frame: Frame, bodies: Sequence[Body], reason: str, span: Span
) -> Signal | None:
    """Run bodies of which one, it is not known which, is run on the server.

    Raises:
        Refused: all of them raise an error.
    """
    distinct = [body for at, body in enumerate(bodies) if body not in bodies[:at]]
    if machine.trials >= NESTED_LIMIT:
        raise Opaque(reason)
    machine.trials += 1
    try:
        before = _capture(machine, frame)
        outcomes: list[Outcome] = []
        for body in distinct:
            _restore(machine, frame, before)
            outcomes.append(_try(machine, frame, body, before))
        return _settle(machine, frame, distinct, outcomes, before, reason, span)
    finally:
        machine.trials -= 1


def perhaps(machine: Machine, frame: Frame, body: Body, reason: str, span: Span) -> Signal | None:
    """Run a loop's body of which it is not known how often, if at all, it is run on the server."""
    signal = undecided(machine, frame, [body, ()], reason, span)
    return None if signal is not None and signal.kind != "return" else signal


def _settle(
    machine: Machine,
    frame: Frame,
    bodies: Sequence[Body],
    outcomes: list[Outcome],
    before: State,
    reason: str,
    span: Span,
) -> Signal | None:
    """Take the outcome that all branches that go on share, or the first that has effects, as uncertain."""
    possible = [at for at, outcome in enumerate(outcomes) if outcome.error is None]
    if not possible:
        error = outcomes[0].error
        assert error is not None  # noqa: S101 - there is an error in each outcome
        raise error
    chosen = next((at for at in possible if outcomes[at].effects), possible[0])
    if chosen != len(bodies) - 1:  # the last trial's state is still there, any other is run again
        _restore(machine, frame, before)
        _try(machine, frame, bodies[chosen], before)
    others = [outcomes[at] for at in possible if at != chosen]
    kept = outcomes[chosen]
    _merge_variables(kept, others, reason)
    if any(other.rows != kept.rows for other in others):
        frame.rows[before.rows :] = [Unknown(reason)]
    if any(other.effects != kept.effects or other.settings != kept.settings for other in others):
        _mark(machine, before, others, reason, span)
    signals = {outcome.signal for outcome in (kept, *others)}
    if len(signals) == 1:
        return kept.signal
    if frame.function is not None and any(
        signal is not None and signal.kind == "return" for signal in signals
    ):
        frame.returned = frame.perhaps_returned = Unknown(reason)
    open_maybe(machine, frame, span, reason)
    return None


def _mark(machine: Machine, before: State, others: list[Outcome], reason: str, span: Span) -> None:
    """Say that the effects since `before` may or may not have happened."""
    replay = machine.replay
    if replay is None:
        return
    replay.uncertain_since(before.mark, span, reason)
    noted = replay.history.notes[before.notes :]
    for other in others:
        # What another branch would have changed has its own reason there, a placeholder.
        add_unknown(replay.catalog, other.effects.unknown, reason)
    for step in replay.history.steps[before.steps :]:
        step.maybe = step.maybe or reason
    if all(note.span != span for note in noted):
        replay.opaque(span, reason)


class _Effects:
    """The changes of a branch; equal to those of another that changes the same."""

    def __init__(self, machine: Machine, before: State) -> None:
        self.signature: object = frozenset()
        self.unknown = NOTHING
        self.notes: tuple[str, ...] = ()
        replay = machine.replay
        if replay is None:
            return
        catalog = replay.catalog
        self.signature = replay.changes_since(before.mark)
        self.notes = tuple(note.message for note in replay.history.notes[before.notes :])
        self.unknown = Changes(catalog, before.mark)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Effects) and self.signature == other.signature and self.notes == other.notes

    def __hash__(self) -> int:
        return hash((self.signature, self.notes))

    def __bool__(self) -> bool:
        return bool(self.signature) or bool(self.notes)


def _try(machine: Machine, frame: Frame, body: Body, before: State) -> Outcome:
    signal, error = None, None
    scopes = len(frame.names.scopes)
    try:
        signal = machine.run(body, frame)
    except Refused as refused:
        error = refused
        del frame.names.scopes[scopes:]
    return Outcome(
        _Effects(machine, before),
        _settings(machine),
        _variables(frame),
        signal,
        error,
        tuple(frame.rows[before.rows :]),
    )


def _capture(machine: Machine, frame: Frame) -> State:
    replay = machine.replay
    steps = len(replay.history.steps) if replay else 0
    notes = len(replay.history.notes) if replay else 0
    return State(
        machine.session.catalog.mark(), _settings(machine), _variables(frame), steps, notes, len(frame.rows)
    )


def _restore(machine: Machine, frame: Frame, state: State) -> None:
    machine.session.catalog.rewind(state.mark)
    _apply_settings(machine, state.settings)
    for variable, value in state.variables.values():
        variable.value = value
    if machine.replay is not None:
        del machine.replay.history.steps[state.steps :]
        del machine.replay.history.notes[state.notes :]
    del frame.rows[state.rows :]


def _settings(machine: Machine) -> tuple[Any, ...]:
    session = machine.session
    return session.search_path, session.role, session.session_user, tuple(sorted(session.settings.items()))


def _apply_settings(machine: Machine, settings: tuple[Any, ...]) -> None:
    session = machine.session
    session.search_path, session.role, session.session_user = settings[:3]
    session.settings = dict(settings[3])


def _variables(frame: Frame) -> dict[int, tuple[Variable, Value]]:
    found = {}
    for _label, variables in frame.names.scopes:
        for variable in variables.values():
            found[id(variable)] = (variable, variable.value)
    return found


def _merge_variables(kept: Outcome, others: list[Outcome], reason: str) -> None:
    """A variable that differs between the branches is unknown from here on."""
    for key, (variable, value) in kept.variables.items():
        for other in others:
            if key in other.variables and not _same(other.variables[key][1], value):
                variable.value = Unknown(reason)


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, Unknown) and isinstance(other, Unknown):
        return one.reason == other.reason
    if isinstance(one, Record) and isinstance(other, Record):
        return all(_same(*pair) for pair in zip(one.values, other.values, strict=False))
    return type(one) is type(other) and bool(one == other)


# Stretches that are perhaps not reached


def open_maybe(machine: Machine, frame: Frame, span: Span, reason: str) -> None:
    """From here on everything may not have happened, until the loop or body ends."""
    if machine.replay is not None:
        machine.replay.begin_maybe(span, reason)
        frame.open_maybes += 1


@contextmanager
def loop(machine: Machine, frame: Frame) -> Iterator[None]:
    """A loop: what was opened inside of it is closed after it."""
    opened = frame.open_maybes
    try:
        yield
    finally:
        close_maybes(machine, frame, opened)


def close_maybes(machine: Machine, frame: Frame, opened: int) -> None:
    """Close the stretches opened beyond the first `opened`."""
    while machine.replay is not None and frame.open_maybes > opened:
        machine.replay.end_maybe()
        frame.open_maybes -= 1


def take_back(steps: Sequence[Step], why: str) -> None:
    """Say of steps that their effects were undone: they left no events, and a refusal among them is dealt with."""
    for step in steps:
        step.events = ()
        if step.error is not None:
            step.error = None
            step.irrelevant = why
        elif step.opaque is None and not step.irrelevant:
            step.irrelevant = why
