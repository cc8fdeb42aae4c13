"""All paths through a body, conditions followed as far as they can be evaluated."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from schemaguard.catalog.errors import Opaque, Refused
from schemaguard.plpgsql.interpreter.conditions import ASSERT_FAILURE, RAISE_EXCEPTION, catches, sqlstate_of
from schemaguard.plpgsql.interpreter.control import assign_unknown, truth
from schemaguard.plpgsql.interpreter.frame import Variable
from schemaguard.plpgsql.language import tree
from schemaguard.plpgsql.values.kinds import Unknown, Value
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemaguard.plpgsql.interpreter.frame import Frame
    from schemaguard.plpgsql.interpreter.machine import Machine
    from schemaguard.plpgsql.triggers import Kind
    from schemaguard.text import Span

STEP_LIMIT = 4_000
"""Commands gone through before the paths left are given up as unknown."""


class Exit(NamedTuple):
    """How a path leaves a body: kind "next" runs on; exit and continue name a loop; the others end the function."""

    kind: str
    start: int = 0
    end: int = 0
    detail: str = ""
    sqlstate: str = ""


NEXT = Exit("next")
_LOOP_EXITS = ("exit", "continue")


class Walker:
    """Goes through a body depth first; each fork restores the variables."""

    def __init__(self, machine: Machine, frame: Frame, rows: dict[str, Value]) -> None:
        """Take the frame with its special variables; `rows` are the values of NEW and OLD."""
        self.machine = machine
        self.frame = frame
        self.rows = rows
        self.steps = 0

    def ends(self, block: tree.Block) -> Iterator[tuple[Kind, Span, str]]:
        """How the function can end: kind, place and message."""
        seen = set()
        for way in self._command(block):
            found = Exit("falls_off", block.end - 3, block.end) if way.kind == "next" else way
            if found not in seen:
                seen.add(found)
                yield found.kind, self.frame.span(found.start, found.end), found.detail  # type: ignore[misc]  # a Kind

    # Bodies

    def _body(self, body: tree.Body, at: int = 0) -> Iterator[Exit]:
        """The ways in which a body is left from its command `at` on."""
        if at == len(body):
            yield NEXT
            return
        self.steps += 1
        if self.steps > STEP_LIMIT:
            yield Exit("unknown", body[at].start, body[at].end, "it has too many paths")
            return
        for found in self._command(body[at]):
            if found.kind == "next":
                yield from self._body(body, at + 1)
            else:
                yield found

    def _command(self, command: tree.Command) -> Iterator[Exit]:
        walk = _WALKERS.get(type(command))
        if walk is not None:
            yield from walk(self, command)
            return
        try:
            self._execute(command)
        except Refused as refused:
            yield Exit("raises", command.start, command.end, refused.message, refused.sqlstate)
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

    def _forked(self, ways: list[tuple[Value, Callable[[], Iterator[Exit]]]]) -> Iterator[Exit]:
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

    def _holds(self, condition: tree.Fragment) -> Value:
        try:
            return truth(self.frame.evaluate(condition), self.frame)
        except (Refused, Unanswerable, Opaque) as error:
            return Unknown(str(error))

    def _if(self, command: tree.If) -> Iterator[Exit]:
        yield from self._branches(command.branches, command.otherwise, lambda condition: condition)

    def _case(self, command: tree.Case) -> Iterator[Exit]:
        operand = command.operand

        def condition(fragment: tree.Fragment) -> tree.Fragment:
            if operand is None:
                return fragment
            return fragment._replace(text=f"({operand.text}) IN ({fragment.text})")

        if command.otherwise is not None:
            yield from self._branches(command.branches, command.otherwise, condition)
            return
        none = Exit("raises", command.start, command.end, "case not found", "20000")
        yield from self._branches(command.branches, None, condition, none)

    def _branches(
        self,
        branches: tuple[tuple[tree.Fragment, tree.Body], ...],
        otherwise: tree.Body | None,
        condition: Callable[[tree.Fragment], tree.Fragment],
        none: Exit = NEXT,
    ) -> Iterator[Exit]:
        ways: list[tuple[Value, Callable[[], Iterator[Exit]]]] = []
        for fragment, body in branches:
            verdict = self._holds(condition(fragment))
            ways.append((verdict, partial(self._body, body)))
            if verdict is True:
                break
        else:
            ways.append(
                (True, (lambda: self._body(otherwise)) if otherwise is not None else (lambda: iter((none,))))
            )
        yield from self._forked(ways)

    # Loops

    def _loop(self, command: tree.Loop) -> Iterator[Exit]:
        """A loop's body is gone through once; a WHILE also not at all."""
        verdict: Value = True if command.condition is None else self._holds(command.condition)
        skip = False if verdict is True else verdict if verdict is not False else True
        ways: list[tuple[Value, Callable[[], Iterator[Exit]]]] = [
            (Unknown("") if skip is not True else False, partial(self._turn, command.body, command.label)),
        ]
        if command.condition is not None:
            ways.append((True, partial(iter, (NEXT,))))
        yield from self._forked(ways)

    def _for(self, command: tree.ForRange | tree.ForRows | tree.ForEach) -> Iterator[Exit]:
        """The body once, with unknown values in the loop's variables, or not at all."""
        reason = "it changes from turn to turn of a loop"
        if isinstance(command, tree.ForRange):
            variable = Variable(command.variable, None, Unknown(reason))
            self.frame.loop_scope(command.label, {command.variable: variable})
        else:
            assign_unknown(self.frame, command.targets, reason)
        turns = self._forked(
            [
                (Unknown(reason), partial(self._turn, command.body, command.label)),
                (True, partial(iter, (NEXT,))),
            ]
        )
        for found in turns:
            scope = self.frame.names.scopes.pop() if isinstance(command, tree.ForRange) else None
            yield found
            if scope is not None:
                self.frame.names.scopes.append(scope)
        if isinstance(command, tree.ForRange):
            self.frame.leave_loop()

    def _turn(self, body: tree.Body, label: str) -> Iterator[Exit]:
        for found in self._body(body):
            mine = found.kind in _LOOP_EXITS and found.detail in ("", label)
            yield NEXT if mine else found

    def _exit(self, command: tree.Exit) -> Iterator[Exit]:
        verdict: Value = True if command.condition is None else self._holds(command.condition)
        leaving = Exit("exit" if command.leave else "continue", command.start, command.end, command.label)
        yield from self._forked([(verdict, partial(iter, (leaving,))), (True, partial(iter, (NEXT,)))])

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
        for found in self._body(block.body):
            handler = None
            if found.kind == "raises":
                handler = next((item for item in block.handlers if catches(item, found.sqlstate)), None)
            if handler is None:
                yield found
            else:
                yield from self._handled(handler)
        if any(isinstance(command, _FALLIBLE) for command in block.body):
            for handler in block.handlers:
                yield from self._handled(handler)

    def _handled(self, handler: tree.Handler) -> Iterator[Exit]:
        before = self._state()
        texts = {"sqlstate": "the error's state", "sqlerrm": "the error's message"}
        variables = {name: Variable(name, None, Unknown(text)) for name, text in texts.items()}
        self.frame.loop_scope("", variables)
        for found in self._body(handler.body):
            scope = self.frame.names.scopes.pop()
            yield found
            self.frame.names.scopes.append(scope)
        self.frame.leave_loop()
        self._back(before)

    def _raise(self, command: tree.Raise) -> Iterator[Exit]:
        if command.level != "exception":
            yield NEXT
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
        verdict = self._holds(command.condition)
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
        except (Refused, Unanswerable, Opaque) as error:
            yield Exit("unknown", command.start, command.end, str(error))
            return
        yield Exit(self._kind(value), command.start, command.end)

    def _kind(self, value: Value) -> str:
        if value is None:
            return "null"
        for name, row in self.rows.items():
            if row is not None and value is row:
                return name
        return "unknown" if isinstance(value, Unknown) else "row"

    # Calls

    def _perform(self, command: tree.Perform | tree.Sql) -> Iterator[Exit]:
        """A call of a routine of the history may raise: its own paths are gone through."""
        routine = _called(self, command)
        if routine is None:
            yield from self._plain(command)
            return
        kinds = {found.kind for found in _routine_exits(self, routine)}
        if "raises" in kinds:
            yield Exit("raises", command.start, command.end, f"{routine.name}() raises", RAISE_EXCEPTION)
        if kinds - {"raises"}:
            yield NEXT

    def _plain(self, command: tree.Command) -> Iterator[Exit]:
        self._execute(command)
        yield NEXT


_FALLIBLE = (tree.Sql, tree.Execute, tree.Perform, tree.Assign, tree.ForRows, tree.If)


def _called(walker: Walker, command: tree.Perform | tree.Sql) -> Any:  # noqa: ANN401 - a Function or None
    """The routine of the history that is all that a PERFORM or CALL calls."""
    from schemaguard.catalog.commands.nodes import strings
    from schemaguard.plpgsql.context import functions_in_path, parse_query

    text = f"SELECT {command.query.text}" if isinstance(command, tree.Perform) else command.statement.text
    try:
        [(kind, fields)] = parse_query(text).items()
    except Refused:
        return None
    if kind == "SelectStmt" and "fromClause" not in fields and len(fields.get("targetList") or ()) == 1:
        call = fields["targetList"][0]["ResTarget"]["val"].get("FuncCall")
    else:
        call = fields.get("funccall") if kind == "CallStmt" else None
    routines = functions_in_path(walker.machine.context, strings(call["funcname"])) if call else []
    return routines[0] if routines and routines[0].language == "plpgsql" else None


def _routine_exits(walker: Walker, routine: Any) -> Iterator[Exit]:  # noqa: ANN401 - a Function
    """The ways in which a called routine ends, its arguments taken as unknown."""
    from schemaguard.plpgsql.interpreter.body import body_text
    from schemaguard.plpgsql.interpreter.frame import Frame
    from schemaguard.plpgsql.language.parser import BodyError, parse_body

    machine = walker.machine
    if routine.because is None or machine.calls > 5:
        yield Exit("unknown")
        return
    frame = Frame(
        machine.context, body_text(routine.because.statement, routine.body_offset, routine.body), routine
    )
    argument = Unknown("it is an argument of a call")
    variables = {item.name: Variable(item.name, None, argument) for item in routine.arguments if item.name}
    frame.names.parameters = [Variable("", None, argument) for _item in routine.inputs]
    frame.names.scopes.append((routine.name, variables))
    try:
        block = parse_body(routine.body)
    except BodyError:
        yield Exit("unknown")
        return
    machine.calls += 1
    inner = Walker(machine, frame, {})
    inner.steps = walker.steps
    yield from inner._command(block)  # noqa: SLF001 - its own class
    machine.calls -= 1


_WALKERS: dict[type[tree.Command], Callable[[Walker, Any], Iterator[Exit]]] = {
    tree.Block: Walker._block,  # noqa: SLF001 - the table of the class's own methods
    tree.If: Walker._if,  # noqa: SLF001
    tree.Case: Walker._case,  # noqa: SLF001
    tree.Loop: Walker._loop,  # noqa: SLF001
    tree.ForRange: Walker._for,  # noqa: SLF001
    tree.ForRows: Walker._for,  # noqa: SLF001
    tree.ForEach: Walker._for,  # noqa: SLF001
    tree.Exit: Walker._exit,  # noqa: SLF001
    tree.Raise: Walker._raise,  # noqa: SLF001
    tree.Assert: Walker._assert,  # noqa: SLF001
    tree.Return: Walker._return,  # noqa: SLF001
    tree.Perform: Walker._perform,  # noqa: SLF001
    tree.Sql: Walker._perform,  # noqa: SLF001
}
