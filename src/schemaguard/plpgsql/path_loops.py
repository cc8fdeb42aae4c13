"""Loops on the paths through a body: gone through turn by turn where the turns are known and few, else once.

Where a loop is gone through once, what its body assigns is not known in it and after it: a turn may be any of them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from schemaguard.catalog.errors import Opaque, Refused
from schemaguard.plpgsql.interpreter.control import assign_row, assign_unknown
from schemaguard.plpgsql.language import tree
from schemaguard.plpgsql.path_exits import LOOP_EXITS, NEXT, Exit, raised
from schemaguard.plpgsql.values.casts import read_array
from schemaguard.plpgsql.values.kinds import Record, Unknown, Value
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from schemaguard.plpgsql.paths import Walker

    Turn = Callable[[], None]
    Way = Callable[[], Iterator[Exit]]

TURN_LIMIT = 6
"""Turns of a loop that are gone through one by one; each may fork."""

_CHANGES = "it changes from turn to turn of a loop"


def loop(walker: Walker, command: tree.Loop) -> Iterator[Exit]:
    """LOOP and WHILE: left where the condition fails, or by EXIT."""
    if command.condition is None:
        forget(walker, command.body)
        yield from _any_turn(walker, command, ends=False)
        return
    before, failure = walker.condition(command.condition, command)
    if failure is not None:
        yield failure
    if before is None:
        return
    if before is False:
        yield NEXT
        return
    forget(walker, command.body)
    after, _failure = walker.condition(command.condition, command)
    ways: list[tuple[Value, Way]] = [
        (Unknown(_CHANGES), partial(_any_turn, walker, command, ends=after is not True))
    ]
    if before is not True:
        ways.append((True, partial(iter, (NEXT,))))
    yield from walker.forked(ways)


def for_range(walker: Walker, command: tree.ForRange) -> Iterator[Exit]:
    """FOR i IN lower .. upper."""
    frame = walker.frame
    variable = frame.variable_of(command, command.variable, None)
    variable.value = Unknown(_CHANGES)
    numbers = _numbers(walker, command)
    turns = None if numbers is None else [partial(setattr, variable, "value", number) for number in numbers]
    frame.loop_scope(command.label, {command.variable: variable})
    for found in _turns(walker, command, turns):
        scope = frame.names.scopes.pop()
        yield found
        frame.names.scopes.append(scope)
    frame.leave_loop()


def _numbers(walker: Walker, command: tree.ForRange) -> range | None:
    """The values of the variable, None where they are not known or too many."""
    parts = [command.lower, command.upper, *([command.step] if command.step is not None else [])]
    try:
        lower, upper, *steps = (walker.frame.evaluate(part) for part in parts)
    except (Refused, Unanswerable, Opaque):
        return None
    step = steps[0] if steps else 1
    if not (isinstance(lower, int) and isinstance(upper, int) and isinstance(step, int) and step > 0):
        return None
    numbers = range(lower, upper - 1, -step) if command.reverse else range(lower, upper + 1, step)
    return numbers if len(numbers) <= TURN_LIMIT else None


def for_each(walker: Walker, command: tree.ForEach) -> Iterator[Exit]:
    """FOREACH … IN ARRAY."""
    try:
        value = walker.frame.evaluate(command.array)
    except (Refused, Unanswerable, Opaque) as error:
        value = Unknown(str(error))
    items = read_array(value) if isinstance(value, str) else value
    turns = None
    if isinstance(items, list) and command.slice == 0 and len(items) <= TURN_LIMIT:
        turns = [partial(_assign, walker, command.targets, item) for item in items]
    else:
        assign_unknown(walker.frame, command.targets, _CHANGES)
    yield from _turns(walker, command, turns)


def _assign(walker: Walker, targets: tuple[tree.Fragment, ...], item: Value) -> None:
    columns = item.names if isinstance(item, Record) else ("item",)
    assign_row(walker.frame, targets, columns, item.values if isinstance(item, Record) else (item,))


def for_rows(walker: Walker, command: tree.ForRows) -> Iterator[Exit]:
    """FOR … IN query."""
    turns = None
    if command.query is not None:
        try:
            from schemaguard.plpgsql.context import parse_query

            columns, rows = walker.frame.query(parse_query(command.query.text))
        except (Refused, Unanswerable, Opaque):
            columns, rows = [], None
        if rows is not None and len(rows) <= TURN_LIMIT:
            turns = [partial(assign_row, walker.frame, command.targets, columns, row) for row in rows]
    if turns is None:
        assign_unknown(walker.frame, command.targets, _CHANGES)
    yield from _turns(walker, command, turns)


def _turns(
    walker: Walker, command: tree.ForRange | tree.ForRows | tree.ForEach, turns: Sequence[Turn] | None
) -> Iterator[Exit]:
    """All turns where they are known; else any one, or none."""
    if turns is not None:
        yield from _one_by_one(walker, command, turns, 0)
        return
    forget(walker, command.body)
    any_turn: Way = partial(_any_turn, walker, command, ends=True)
    yield from walker.forked([(Unknown(_CHANGES), any_turn), (True, partial(iter, (NEXT,)))])


def _one_by_one(
    walker: Walker, command: tree.ForRange | tree.ForRows | tree.ForEach, turns: Sequence[Turn], at: int
) -> Iterator[Exit]:
    if at == len(turns):
        yield NEXT
        return
    turns[at]()
    for found in walker.body(command.body):
        mine = found.kind in LOOP_EXITS and found.detail in ("", command.label)
        if found.kind == "next" or (mine and found.kind == "continue"):
            yield from _one_by_one(walker, command, turns, at + 1)
        else:
            yield NEXT if mine else found


def _any_turn(
    walker: Walker, command: tree.Loop | tree.ForRange | tree.ForRows | tree.ForEach, *, ends: bool
) -> Iterator[Exit]:
    """One turn that stands for all; `ends`: the loop may be over after it."""
    for found in walker.body(command.body):
        mine = found.kind in LOOP_EXITS and found.detail in ("", command.label)
        if found.kind == "next" or (mine and found.kind == "continue"):
            if ends:
                yield NEXT
        else:
            yield NEXT if mine else found


def forget(walker: Walker, body: tree.Body) -> None:
    """Take the variables that a body assigns for unknown."""
    for name in {target for command in commands(body) for target in _targets(command)}:
        found = walker.frame.names.variable([name])
        if found is None or isinstance(found[0].value, Unknown):
            continue  # a row of which fields are assigned stays the row that it is
        value = found[0].value
        if isinstance(value, Record):
            found[0].value = Record(value.names, (Unknown(_CHANGES),) * len(value.names))
        else:
            found[0].value = Unknown(_CHANGES)


def commands(body: Any) -> Iterator[tree.Command]:  # noqa: ANN401 - a body, or any part of a command
    """The commands of a body and of those inside of them."""
    if isinstance(body, tuple):
        for item in body:
            yield from commands(item)
    elif isinstance(body, msgspec.Struct):
        if isinstance(body, tree.Node):
            yield body  # type: ignore[misc]  # the subclasses of Node are the commands
        for name in body.__struct_fields__:
            yield from commands(getattr(body, name))


def _targets(command: tree.Command) -> Iterator[str]:
    """The variables that a command itself assigns."""
    fragments: list[tree.Fragment] = []
    if isinstance(command, tree.Assign):
        fragments.append(command.target)
    if isinstance(command, tree.GetDiagnostics):
        fragments += [target for target, _item in command.items]
    fragments += [*getattr(command, "into", ()), *getattr(command, "targets", ())]
    for fragment in fragments:
        yield fragment.text.split(".")[0].split("[")[0].strip().strip('"').lower()


__all__ = ["commands", "for_each", "for_range", "for_rows", "forget", "loop", "raised"]
