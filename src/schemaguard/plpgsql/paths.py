"""All paths through a body, conditions followed as far as they can be evaluated."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from schemaguard.catalog.errors import Opaque, Refused
from schemaguard.plpgsql.interpreter.conditions import ASSERT_FAILURE, RAISE_EXCEPTION, catches, sqlstate_of
from schemaguard.plpgsql.interpreter.control import assign_unknown, truth
from schemaguard.plpgsql.language import tree
from schemaguard.plpgsql.path_calls import calls_in, outcomes
from schemaguard.plpgsql.path_exits import NEXT, Exit, raised
from schemaguard.plpgsql.path_loops import commands, for_each, for_range, for_rows, loop
from schemaguard.plpgsql.values.kinds import Unknown, Value
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemaguard.plpgsql.interpreter.frame import Frame, Variable
    from schemaguard.plpgsql.interpreter.machine import Machine
    from schemaguard.plpgsql.triggers import Kind
    from schemaguard.text import Span

STEP_LIMIT = 4_000
"""Commands gone through before the paths left are given up as unknown."""


class Walker:
    """Goes through a body depth first; each fork restores the variables."""

    def __init__(self, machine: Machine, frame: Frame, rows: dict[str, Value]) -> None:
        """Take the frame with its special variables; `rows` are the values of NEW and OLD."""
        self.machine = machine
        self.frame = frame
        self.rows = rows
        self.steps = 0
        self.handled: list[Exit] = []
        """The errors whose handlers are being gone through, innermost last."""

    def ends(self, block: tree.Block) -> Iterator[tuple[Kind, Span, str]]:
        """How the function can end: kind, place and message."""
        seen = set()
        for way in self.command(block):
            found = Exit("falls_off", block.end - 3, block.end) if way.kind == "next" else way
            if found not in seen:
                seen.add(found)
                yield found.kind, self.frame.span(found.start, found.end), found.detail  # type: ignore[misc]  # a Kind

    # Bodies

    def body(self, body: tree.Body, at: int = 0) -> Iterator[Exit]:
        """The ways in which a body is left from its command `at` on."""
        if at == len(body):
            yield NEXT
            return
        self.steps += 1
        if self.steps > STEP_LIMIT:
            yield Exit("unknown", body[at].start, body[at].end, "it has too many paths")
            return
        for found in self.command(body[at]):
            if found.kind == "next":
                yield from self.body(body, at + 1)
            else:
                yield found

    def command(self, command: tree.Command) -> Iterator[Exit]:
        """The ways in which a command is left."""
        walk = _WALKERS.get(type(command))
        if walk is not None:
            yield from walk(self, command)
            return
        yield from self._computed(command)

    def _computed(self, command: tree.Command) -> Iterator[Exit]:
        try:
            self._execute(command)
        except Refused as refused:
            yield raised(command, refused)
            return
        yield NEXT

    def _execute(self, command: tree.Command) -> None:
        """A command that only computes; what reads or changes rows leaves unknown values."""
        from schemaguard.plpgsql.interpreter.machine import runner

        targets = getattr(command, "into", ())
        try:
            runner(command)(self.machine, command, self.frame)
        except (Unanswerable, Opaque) as unknown:
            assign_unknown(self.frame, targets, str(unknown))
            self.frame.found.value = Unknown(str(unknown))

    # Forks

    def forked(self, ways: list[tuple[Value, Callable[[], Iterator[Exit]]]]) -> Iterator[Exit]:
        """The first way whose condition holds, and before it those whose condition is not known."""
        before = self._state()
        for condition, way in ways:
            if condition is False:
                continue
            yield from way()
            self._back(before)
            if condition is True:
                return

    def _state(self) -> list[tuple[Variable, Value]]:
        return [
            (variable, variable.value)
            for _label, variables in self.frame.names.scopes
            for variable in variables.values()
        ]

    def _back(self, state: list[tuple[Variable, Value]]) -> None:
        for variable, value in state:
            variable.value = value

    def condition(self, fragment: tree.Fragment, command: tree.Command) -> tuple[Value, Exit | None]:
        """Whether a condition holds, and the error that it may raise; None for a condition that always does."""
        try:
            verdict = truth(self.frame.evaluate(fragment), self.frame)
        except Refused as refused:
            return None, raised(command, refused)
        except (Unanswerable, Opaque) as error:
            verdict = Unknown(str(error))
        return verdict, self._error_in(fragment, command) if isinstance(verdict, Unknown) else None

    def _error_in(self, fragment: tree.Fragment, command: tree.Command) -> Exit | None:
        """The error that a routine raises which an expression of unknown value calls."""
        for call in calls_in(self, f"SELECT {fragment.text}"):
            error, _returns = outcomes(self, call)
            if error is not None:
                return Exit(
                    "raises", command.start, command.end, f"{call.routine.name}() raises", error.sqlstate
                )
        return None

    def _if(self, command: tree.If) -> Iterator[Exit]:
        yield from self._branches(command, command.otherwise, lambda condition: condition)

    def _case(self, command: tree.Case) -> Iterator[Exit]:
        operand = command.operand

        def condition(fragment: tree.Fragment) -> tree.Fragment:
            if operand is None:
                return fragment
            return fragment._replace(text=f"({operand.text}) IN ({fragment.text})")

        if command.otherwise is not None:
            yield from self._branches(command, command.otherwise, condition)
            return
        none = Exit("raises", command.start, command.end, "case not found", "20000")
        yield from self._branches(command, None, condition, none)

    def _branches(
        self,
        command: tree.If | tree.Case,
        otherwise: tree.Body | None,
        condition: Callable[[tree.Fragment], tree.Fragment],
        none: Exit = NEXT,
    ) -> Iterator[Exit]:
        ways: list[tuple[Value, Callable[[], Iterator[Exit]]]] = []
        for fragment, body in command.branches:
            verdict, failure = self.condition(condition(fragment), command)
            if failure is not None:
                ways.append((True if verdict is None else verdict, partial(iter, (failure,))))
            if verdict is None:
                break
            ways.append((verdict, partial(self.body, body)))
            if verdict is True:
                break
        else:
            ways.append(
                (True, (lambda: self.body(otherwise)) if otherwise is not None else (lambda: iter((none,))))
            )
        yield from self.forked(ways)

    # Loops

    def _exit(self, command: tree.Exit) -> Iterator[Exit]:
        verdict: Value = True
        if command.condition is not None:
            verdict, failure = self.condition(command.condition, command)
            if failure is not None:
                yield failure
            if verdict is None:
                return
        leaving = Exit("exit" if command.leave else "continue", command.start, command.end, command.label)
        yield from self.forked([(verdict, partial(iter, (leaving,))), (True, partial(iter, (NEXT,)))])

    # Blocks and errors

    def _block(self, block: tree.Block) -> Iterator[Exit]:
        frame = self.frame
        frame.enter(block)
        for found in self._inside(block):
            # What comes after the block does not see its variables.
            scope = frame.names.scopes.pop()
            yield NEXT if found.kind == "exit" and block.label and found.detail == block.label else found
            frame.names.scopes.append(scope)
        frame.leave()

    def _inside(self, block: tree.Block) -> Iterator[Exit]:
        """The body of a block, and the handlers that its errors lead to."""
        for found in self.body(block.body):
            handler = None
            if found.kind == "raises":
                handler = next((item for item in block.handlers if catches(item, found.sqlstate)), None)
            if handler is None:
                yield found
            else:
                yield from self._handled(handler, found)
        if block.handlers and any(isinstance(command, _FALLIBLE) for command in commands(block.body)):
            for handler in block.handlers:
                yield from self._handled(handler, Exit("raises", sqlstate=INTERNAL_ERROR))

    def _handled(self, handler: tree.Handler, error: Exit) -> Iterator[Exit]:
        before = self._state()
        self.handled.append(error)
        texts = {"sqlstate": "the error's state", "sqlerrm": "the error's message"}
        variables = {name: self.frame.variable_of(handler, name, None) for name in texts}
        for name, text in texts.items():
            variables[name].value = Unknown(text)
        self.frame.loop_scope("", variables)
        for found in self.body(handler.body):
            scope = self.frame.names.scopes.pop()
            yield found
            self.frame.names.scopes.append(scope)
        self.frame.leave_loop()
        self.handled.pop()
        self._back(before)

    def _raise(self, command: tree.Raise) -> Iterator[Exit]:
        if command.level != "exception":
            yield NEXT
            return
        if command.message is None and not command.condition and not command.options:
            again = self.handled[-1] if self.handled else Exit("raises", sqlstate="0Z002")
            yield again._replace(start=command.start, end=command.end)
            return
        given = dict(command.options).get("errcode")
        code = command.condition
        if not code and given is not None:
            value = self.frame.evaluate(given)
            code = value if isinstance(value, str) else ""
        sqlstate = sqlstate_of(code) if code else RAISE_EXCEPTION
        message = command.message or command.condition
        yield Exit("raises", command.start, command.end, message, sqlstate or RAISE_EXCEPTION)

    def _assert(self, command: tree.Assert) -> Iterator[Exit]:
        verdict, failure = self.condition(command.condition, command)
        if failure is not None:
            yield failure
        if verdict is None:
            return
        failed = Exit("raises", command.start, command.end, "assertion failed", ASSERT_FAILURE)
        if verdict is not True:
            yield failed
        if verdict is not False:
            yield NEXT

    def _return(self, command: tree.Return) -> Iterator[Exit]:
        if command.value is None:
            yield Exit("null", command.start, command.end)
            return
        try:
            value = self.frame.evaluate(command.value)
        except Refused as refused:
            yield raised(command, refused)
            return
        except (Unanswerable, Opaque) as error:
            value = Unknown(str(error))
        if isinstance(value, Unknown) and (failure := self._error_in(command.value, command)) is not None:
            yield failure
        yield Exit(self._kind(value), command.start, command.end)

    def _kind(self, value: Value) -> str:
        if value is None:
            return "null"
        for name, row in self.rows.items():
            if row is not None and value is row:
                return name
        return "unknown" if isinstance(value, Unknown) else "row"

    # Calls

    def _assign(self, command: tree.Assign) -> Iterator[Exit]:
        """An expression may call a routine that raises."""
        if (failure := self._error_in(command.value, command)) is not None:
            try:
                certain = not isinstance(self.frame.evaluate(command.value), Unknown)
            except (Refused, Unanswerable, Opaque):
                certain = True
            if not certain:
                yield failure
        yield from self._computed(command)

    def _perform(self, command: tree.Perform | tree.Sql) -> Iterator[Exit]:
        """A statement that may call routines of the history, whose own paths are gone through."""
        text = f"SELECT {command.query.text}" if isinstance(command, tree.Perform) else command.statement.text
        yield from self._calling(command, text)

    def _dynamic(self, command: tree.Execute) -> Iterator[Exit]:
        """EXECUTE of a text that is known is what the text does."""
        try:
            text = self.frame.evaluate(command.command)
        except Refused as refused:
            yield raised(command, refused)
            return
        except (Unanswerable, Opaque) as error:
            text = Unknown(str(error))
        yield from self._calling(command, text if isinstance(text, str) else "")

    def _calling(self, command: tree.Perform | tree.Sql | tree.Execute, text: str) -> Iterator[Exit]:
        for call in calls_in(self, text) if text else ():
            error, returns = outcomes(self, call)
            if error is not None:
                message = f"{call.routine.name}() raises"
                yield Exit("raises", command.start, command.end, message, error.sqlstate or RAISE_EXCEPTION)
            if call.certain and not returns:
                return
        yield from self._computed(command)

    def inside(self, frame: Frame) -> Walker:
        """A walker of the same budget through the body of a called routine."""
        inner = Walker(self.machine, frame, {})
        inner.steps = self.steps
        return inner


INTERNAL_ERROR = "XX000"
"""The state of an error of which only that it may happen is known: none but OTHERS names it."""

_FALLIBLE = (tree.Sql, tree.Execute, tree.Perform, tree.Assign, tree.ForRows, tree.If)


_WALKERS: dict[type[tree.Command], Callable[[Walker, Any], Iterator[Exit]]] = {
    tree.Block: Walker._block,  # noqa: SLF001 - the table of the class's own methods
    tree.If: Walker._if,  # noqa: SLF001
    tree.Case: Walker._case,  # noqa: SLF001
    tree.Loop: loop,
    tree.ForRange: for_range,
    tree.ForRows: for_rows,
    tree.ForEach: for_each,
    tree.Assign: Walker._assign,  # noqa: SLF001
    tree.Execute: Walker._dynamic,  # noqa: SLF001
    tree.Exit: Walker._exit,  # noqa: SLF001
    tree.Raise: Walker._raise,  # noqa: SLF001
    tree.Assert: Walker._assert,  # noqa: SLF001
    tree.Return: Walker._return,  # noqa: SLF001
    tree.Perform: Walker._perform,  # noqa: SLF001
    tree.Sql: Walker._perform,  # noqa: SLF001
}
