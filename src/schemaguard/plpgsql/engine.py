"""What the replay calls: DO blocks, calls of the history's routines, catalog queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.commands.function_body import bodies_are_checked
from schemaguard.catalog.commands.function_options import BUILTIN_LANGUAGES, require_language
from schemaguard.catalog.commands.nodes import options, string, strings
from schemaguard.catalog.commands.rows import function_calls
from schemaguard.catalog.errors import FEATURE_NOT_SUPPORTED, Opaque, Refused
from schemaguard.plpgsql.context import functions_in_path, parse_query
from schemaguard.plpgsql.interpreter import trials
from schemaguard.plpgsql.interpreter.body import body_text
from schemaguard.plpgsql.interpreter.compiled import compiled, signature_of_statement
from schemaguard.plpgsql.interpreter.effects import is_builtin, report_calls, require_function
from schemaguard.plpgsql.interpreter.frame import Frame
from schemaguard.plpgsql.interpreter.machine import Machine
from schemaguard.plpgsql.language.checks import Signature
from schemaguard.plpgsql.parameters import bind_parameters
from schemaguard.plpgsql.queries.select import run_query
from schemaguard.plpgsql.values.kinds import first_unknown
from schemaguard.plpgsql.values.output import to_python
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.replay import Replay
    from schemaguard.catalog.session import Run, Session
    from schemaguard.statements.statement import Node


class Engine:
    """The implementation of `catalog.replay.QueryEngine`."""

    def run_block(self, replay: Replay, run: Run, node: Node) -> None:
        """Run a DO statement.

        Raises:
            Refused: it raises an error.
            Opaque: it is not written in PL/pgSQL.
        """
        arguments = options(node["args"])
        _require_plpgsql(
            run, "plpgsql" if (language := arguments.get("language")) is None else string(language)
        )
        body = string(arguments["as"] or {})
        offset = next(
            item["DefElem"].get("arg_location", -1)
            for item in node["args"]
            if item["DefElem"]["defname"] == "as"
        )
        block = compiled(body, Signature())
        machine = Machine(run.session, replay, _depth(replay))
        frame = Frame(machine.context, body_text(run.statement, offset, body))
        first = len(replay.history.steps)
        try:
            machine.run((block,), frame)
        except (Refused, Opaque):
            _undone(replay, first)
            raise
        finally:
            trials.close_maybes(machine, frame, 0)

    def check_body(self, run: Run, node: Node) -> None:
        """Check the body of a CREATE FUNCTION or PROCEDURE in PL/pgSQL, as its validator does.

        Raises:
            Refused: the compiler does not take it.
        """
        arguments = options(node.get("options"))
        body, language = arguments.get("as"), arguments.get("language")
        if body is None or language is None or string(language) != "plpgsql" or not bodies_are_checked(run):
            return
        compiled(string(body["List"]["items"][0]), signature_of_statement(node))

    def call(self, replay: Replay, run: Run, node: Node) -> bool:
        """Run a CALL, or a SELECT that calls routines of the history.

        Raises:
            Refused: it raises an error.
        """
        if "funccall" in node:
            query = {"SelectStmt": {"targetList": [{"ResTarget": {"val": {"FuncCall": node["funccall"]}}}]}}
        else:
            query = {"SelectStmt": node}
        names = [strings(call["funcname"]) for call in function_calls(query)]
        if not names:
            return False
        machine = Machine(run.session, replay, _depth(replay))
        if not any(functions_in_path(machine.context, name) for name in names) or "intoClause" in node:
            _require_functions(machine, query, "procedure" if "funccall" in node else "function")
            return False
        first = len(replay.history.steps)
        unanswerable = ""
        try:
            run_query(query, machine.context)
        except Unanswerable as reason:
            unanswerable = str(reason)
        except (Refused, Opaque):
            _undone(replay, first)
            raise
        report_calls(machine, query, run.statement.span, unanswerable)
        return True

    def rows(
        self, session: Session, sql: str, parameters: dict[str, Any] | None
    ) -> tuple[Sequence[str], Sequence[tuple[Any, ...]]]:
        """Answer a catalog query: column names and rows.

        Raises:
            Unanswerable: it reads what only the database knows, or is beyond what is evaluated here.
        """
        text, variables = bind_parameters(sql, parameters or {})
        machine = Machine(session)
        try:
            columns, rows = run_query(parse_query(text), machine.context, variables)
        except (Refused, Opaque) as error:
            raise Unanswerable(f"the server would refuse it: {error}") from None
        for row in rows:
            if (unknown := first_unknown(row)) is not None:
                raise Unanswerable(unknown.reason)
        return columns, [tuple(to_python(value, machine.context) for value in row) for row in rows]


def _require_functions(machine: Machine, query: Node, word: str) -> None:
    """Refuse a query that calls what certainly is not there."""
    for call in function_calls(query):
        names = strings(call["funcname"])
        if not is_builtin(names):
            require_function(machine.context, names, call, word)


def _require_plpgsql(run: Run, language: str) -> None:
    """Refuse a language that there is not, or that has no inline code; others are not run here."""
    if language == "plpgsql":
        return
    if require_language(run, language) in BUILTIN_LANGUAGES:
        message = f'language "{language}" does not support inline code execution'
        raise Refused(FEATURE_NOT_SUPPORTED, message)
    raise Opaque(f"a DO block in {language} is not run here")


def _depth(replay: Replay) -> int:
    """How deep the statement stands that is being run: its step is the last one that was begun."""
    return len(replay.run_stack) - 1


def _undone(replay: Replay, first: int) -> None:
    """The statement failed as a whole: what its parts did is gone, but for the error itself."""
    for step in replay.history.steps[first:]:
        step.events = ()
        if step.error is None and step.opaque is None and not step.irrelevant:
            step.irrelevant = "undone, since the statement around it fails"
