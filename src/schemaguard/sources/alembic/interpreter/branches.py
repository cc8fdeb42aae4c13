"""Unknown conditions: every alternative is tried, and what they have in common is certain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.completions import Perhaps, Return
from schemaguard.sources.alembic.interpreter.journal import ABSENT, Change, Journal, Place
from schemaguard.sources.alembic.interpreter.trial import TrialTarget
from schemaguard.sources.alembic.interpreter.values import Raised, Undecided, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from schemaguard.sources.alembic.interpreter.completions import Break, Completion, Continue
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span


class _Outcome:
    """What an alternative came to: how it ended (or its value), what it wrote, what it would do to the target."""

    __slots__ = ("changes", "raised", "result", "target")

    def __init__(self, target: TrialTarget) -> None:
        self.target = target
        self.result: Value = None
        self.raised: Raised | None = None
        self.changes: dict[Place, Change] = {}


def decide(
    machine: Machine,
    unknown: Unknown,
    alternatives: Sequence[Callable[[], Completion]],
    span: Span | None = None,
) -> Completion:
    """Run the alternatives that depend on something unknown, and end as they end.

    One that ends in a `raise` of the project's own is taken for not chosen: the history ran through.
    """
    outcomes = _possible([_attempt(machine, alternative) for alternative in alternatives])
    _merge(machine, unknown, outcomes, span or unknown.span)
    return _joined_completion(unknown, [outcome.result for outcome in outcomes])


def choose(
    machine: Machine, unknown: Unknown, alternatives: Sequence[Callable[[], Value]], span: Span
) -> Value:
    """The value of an expression that is one of several: the common value, or unknown for the same reason."""
    outcomes = _possible([_attempt(machine, alternative) for alternative in alternatives])
    _merge(machine, unknown, outcomes, span)
    first, *others = (outcome.result for outcome in outcomes)
    return first if all(same(first, other) for other in others) else unknown


def _attempt(machine: Machine, alternative: Callable[[], Value]) -> _Outcome:
    """Run an alternative and take everything back that it did."""
    outcome = _Outcome(TrialTarget(machine.target))
    outer_target, outer_journal = machine.target, machine.journal
    journal = Journal(outer_journal)
    machine.target, machine.journal = outcome.target, journal
    try:
        outcome.result = alternative()
    except Undecided as undecided:
        outcome.result = undecided.unknown
    except Raised as raised:
        outcome.raised = raised
    finally:
        machine.target, machine.journal = outer_target, outer_journal
        outcome.changes = journal.take_back()
    return outcome


def _possible(outcomes: list[_Outcome]) -> list[_Outcome]:
    alive = [outcome for outcome in outcomes if outcome.raised is None or not outcome.raised.explicit]
    if not alive:
        raised = outcomes[0].raised
        if raised is not None:
            raise raised
    for outcome in alive:
        if outcome.raised is not None:
            outcome.target.opaque(outcome.raised.span, outcome.raised.describe())
    return alive


def _merge(machine: Machine, unknown: Unknown, outcomes: list[_Outcome], span: Span) -> None:
    """Let happen what the outcomes agree on; the rest may or may not have happened."""
    if len(outcomes) == 1:
        outcomes[0].target.perform(machine.target)
    elif not _agree(machine, outcomes):
        reason = f"whether this happens is not known: {unknown.describe()}"
        for outcome in outcomes:
            if outcome.target.effects:
                machine.target.begin_maybe(span, reason)
                outcome.target.perform(machine.target)
                machine.target.end_maybe()
    places = {place: None for outcome in outcomes for place in outcome.changes}
    for place in places:
        _join_place(machine, unknown, place, outcomes)


def _agree(machine: Machine, outcomes: list[_Outcome]) -> bool:
    """Whether all outcomes do the same to the target; if so, it is done."""
    first, *others = (outcome.target for outcome in outcomes)
    if all(other.effects == first.effects for other in others):
        first.perform(machine.target)
        return True
    if any(not _only_sql(outcome.target) for outcome in outcomes):
        return False
    target = machine.target
    results = []
    mark = target.mark()
    for outcome in outcomes:
        target.rewind(mark)
        outcome.target.perform(target)
        results.append(target.changes_since(mark))
    if all(result == results[0] for result in results):
        return True
    target.rewind(mark)
    return False


def _only_sql(target: TrialTarget) -> bool:
    return bool(target.effects) and all(effect[0] == "execute" for effect in target.effects)


def _join_place(machine: Machine, unknown: Unknown, place: Place, outcomes: list[_Outcome]) -> None:
    change = next(outcome.changes[place] for outcome in outcomes if place in outcome.changes)
    container, name = change.container, change.name
    before = change.now().value
    values = [outcome.changes[place].value if place in outcome.changes else before for outcome in outcomes]
    agreed = all(same(values[0], value) for value in values[1:])
    if name is None:
        machine.touch(container)
        Change(container, None, values[0]).apply()
        if not agreed:
            machine.taint(container, unknown)
    elif not agreed:
        machine.write(container, name, unknown.named(name))
    elif values[0] is ABSENT:
        machine.erase(container, name)
    else:
        machine.write(container, name, values[0])


def same(left: Value, right: Value) -> bool:
    """Whether two values are interchangeable; where that can't be told they are not."""
    if left is right:
        return True
    if type(left) is not type(right):
        return isinstance(left, str) and isinstance(right, str) and left == right
    if isinstance(left, (str, int, float, bytes)):
        return left == right
    if isinstance(left, Unknown) and isinstance(right, Unknown):
        return left.origin == right.origin and left.span == right.span
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(
            same(one, other) for one, other in zip(left, right, strict=True)
        )
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    if isinstance(left, (set, frozenset)) and isinstance(right, (set, frozenset)):
        return left == right
    return False


def _joined_completion(unknown: Unknown, results: list[Value]) -> Completion:
    endings: list[Return | Break | Continue] = []
    goes_on = False
    for result in results:
        if isinstance(result, Perhaps):
            endings.extend(result.endings)
            goes_on = True
        elif result is None or isinstance(result, Unknown):
            goes_on = True
        else:
            endings.append(result)  # type: ignore[arg-type]  # alternatives are blocks, they end in completions
    if not endings:
        return None
    if goes_on:
        return Perhaps(tuple(endings), unknown)
    first, *others = endings
    if all(isinstance(ending, Return) for ending in endings):
        values = [ending.value for ending in endings if isinstance(ending, Return)]
        return Return(values[0] if all(same(values[0], value) for value in values[1:]) else unknown)
    if all(type(ending) is type(first) for ending in others):
        return first
    return Perhaps(tuple(endings), unknown)
