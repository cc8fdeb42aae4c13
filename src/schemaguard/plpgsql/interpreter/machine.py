"""The interpreter: commands of a body, one after the other, against the replayed catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.errors import Opaque
from schemaguard.plpgsql.context import Context
from schemaguard.plpgsql.interpreter import control, cursors, errors, routines, sql
from schemaguard.plpgsql.language import tree
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.catalog.model import Function
    from schemaguard.catalog.replay import Replay, Step
    from schemaguard.catalog.session import Session
    from schemaguard.plpgsql.interpreter.frame import Frame
    from schemaguard.plpgsql.interpreter.signals import Signal
    from schemaguard.plpgsql.language.tree import Body, Command
    from schemaguard.plpgsql.values.kinds import Value
    from schemaguard.statements.statement import Statement
    from schemaguard.text import Span

COMMAND_LIMIT = 200_000
"""A block that runs more commands than this is taken for an endless loop."""
CALL_LIMIT = 60
"""Calls nested deeper than this are not followed."""


class Machine:
    """Runs bodies; one machine serves a statement and everything that it calls.

    Without `replay` nothing can be changed: a statement that would is refused as unanswerable.
    """

    def __init__(self, session: Session, replay: Replay | None = None, depth: int = 0) -> None:
        """Run in `session`; statements inside are steps of `replay` at `depth` + 1."""
        self.session = session
        self.replay = replay
        self.depth = depth
        self.context = Context(session, self.invoke)
        self.commands = 0
        self.calls = 0
        self.trials = 0
        self.effects = False

    def run(self, body: Body, frame: Frame) -> Signal | None:
        """Run commands until one of them leaves the body.

        Raises:
            Refused: the server would raise an error that nothing here catches.
        """
        for command in body:
            self.commands += 1
            if self.commands > COMMAND_LIMIT:
                raise Opaque(f"it runs more than {COMMAND_LIMIT} commands")
            signal = runner(command)(self, command, frame)
            if signal is not None:
                return signal
        return None

    def invoke(self, function: Function, values: list[Value]) -> Value:
        """Run a routine of the history and give its result."""
        return routines.invoke(self, function, values)

    # Statements inside of the body

    def execute(self, statement: Statement) -> Step:
        """Run a statement as a step of the replay.

        Raises:
            Refused: the server would refuse it.
            Unanswerable: nothing may be changed here.
        """
        if self.replay is None:
            raise Unanswerable(f"it runs a statement that changes something (`{statement.sql[:40]}`)")
        self.effects = True
        step = self.replay.run_statement(statement, self.depth + 1)
        if step.error is not None:
            raise step.error
        return step

    def opaque(self, span: Span, reason: str, remedy: str = "") -> None:
        """Report that something can't be known.

        Raises:
            Unanswerable: nothing may be changed here, so that the answer would be wrong.
        """
        if self.replay is None:
            raise Unanswerable(reason)
        self.effects = True
        self.replay.opaque(span, reason, remedy)

    def steps(self) -> list[Any]:
        """The steps of the replay so far; an empty list without one."""
        return self.replay.history.steps if self.replay is not None else []


def runner(command: Command) -> Callable[[Machine, Any, Frame], Signal | None]:
    """What runs a command of that kind."""
    return _RUNNERS[type(command)]


_RUNNERS: dict[type[Command], Callable[[Machine, Any, Frame], Signal | None]] = {
    tree.Block: errors.run_block,
    tree.Assign: control.assign,
    tree.If: control.run_if,
    tree.Case: control.run_case,
    tree.Loop: control.run_loop,
    tree.ForRange: control.run_range,
    tree.ForRows: control.run_rows,
    tree.ForEach: control.run_each,
    tree.Exit: control.run_exit,
    tree.Return: control.run_return,
    tree.ReturnNext: control.run_return_next,
    tree.ReturnQuery: sql.return_query,
    tree.Raise: errors.run_raise,
    tree.Assert: errors.run_assert,
    tree.Sql: sql.run_sql,
    tree.Perform: sql.perform,
    tree.Execute: sql.run_execute,
    tree.GetDiagnostics: control.get_diagnostics,
    tree.OpenCursor: cursors.open_cursor,
    tree.FetchCursor: cursors.fetch,
    tree.CloseCursor: cursors.close,
    tree.Transaction: control.transaction,
    tree.Null: control.nothing,
}
