"""IF, CASE and the loops: the statements that hold other statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.plpgsql.language.tokens import is_name
from schemaguard.plpgsql.language.tree import Case, ForEach, ForRange, ForRows, Fragment, If, Loop

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.plpgsql.language.parser import Parser
    from schemaguard.plpgsql.language.tree import Body, Command


def _if(parser: Parser, _label: str) -> Command:
    tokens = parser.tokens
    start = tokens.expect("if").start
    branches = []
    otherwise: Body = ()
    while True:
        condition = tokens.until(("then",))
        tokens.expect("then")
        branches.append((condition, parser.body("elsif", "elseif", "else", "end")))
        if tokens.accept("else"):
            otherwise = parser.body("end")
        if tokens.expect("elsif", "elseif", "end").word == "end":
            break
    end = tokens.expect("if").end
    return If(start=start, end=end, branches=tuple(branches), otherwise=otherwise)


def _case(parser: Parser, _label: str) -> Command:
    tokens = parser.tokens
    start = tokens.expect("case").start
    operand = None if tokens.peek().word == "when" else tokens.until(("when",))
    branches = []
    otherwise: Body | None = None
    while tokens.accept("when"):
        value = tokens.until(("then",))
        tokens.expect("then")
        branches.append((value, parser.body("when", "else", "end")))
    if tokens.accept("else"):
        otherwise = parser.body("end")
    tokens.expect("end")
    end = tokens.expect("case").end
    return Case(start=start, end=end, operand=operand, branches=tuple(branches), otherwise=otherwise)


def _loop(parser: Parser, label: str) -> Command:
    start = parser.tokens.peek().start
    body, end = _loop_body(parser, label)
    return Loop(start=start, end=end, label=label, body=body)


def _while(parser: Parser, label: str) -> Command:
    tokens = parser.tokens
    start = tokens.expect("while").start
    condition = tokens.until(("loop",))
    body, end = _loop_body(parser, label)
    return Loop(start=start, end=end, label=label, condition=condition, body=body)


def _for(parser: Parser, label: str) -> Command:
    tokens = parser.tokens
    start = tokens.expect("for").start
    targets = read_targets(parser)
    tokens.expect("in")
    if tokens.accept("execute"):
        command = tokens.until(("loop", "using"))
        using = _list(parser, ("loop",)) if tokens.accept("using") else ()
        body, end = _loop_body(parser, label)
        return ForRows(
            start=start, end=end, label=label, targets=targets, execute=command, using=using, body=body
        )
    if (
        is_name(tokens.peek())
        and parser.is_cursor(tokens.peek().word)
        and tokens.peek(1).word in ("(", "loop")
    ):
        cursor = tokens.name()
        arguments = read_arguments(parser)
        body, end = _loop_body(parser, label)
        return ForRows(
            start=start, end=end, label=label, targets=targets, cursor=cursor, arguments=arguments, body=body
        )
    reverse = tokens.accept("reverse")
    first = tokens.until(("..", "loop"))
    if not tokens.accept(".."):
        body, end = _loop_body(parser, label)
        return ForRows(start=start, end=end, label=label, targets=targets, query=first, body=body)
    upper = tokens.until(("loop", "by"))
    step = tokens.until(("loop",)) if tokens.accept("by") else None
    body, end = _loop_body(parser, label)
    return ForRange(
        start=start, end=end, label=label, variable=targets[0].text.lower(), lower=first, upper=upper, step=step,
        reverse=reverse, body=body,
    )  # fmt: skip


def _foreach(parser: Parser, label: str) -> Command:
    tokens = parser.tokens
    start = tokens.expect("foreach").start
    targets = read_targets(parser)
    size = int(tokens.next().word) if tokens.accept("slice") else 0
    tokens.expect("in")
    tokens.expect("array")
    array = tokens.until(("loop",))
    body, end = _loop_body(parser, label)
    return ForEach(start=start, end=end, label=label, targets=targets, slice=size, array=array, body=body)


def _loop_body(parser: Parser, label: str) -> tuple[Body, int]:
    """LOOP … END LOOP [label]: the statements, and where it ends."""
    tokens = parser.tokens
    tokens.expect("loop")
    body = parser.body("end")
    tokens.expect("end")
    end = tokens.expect("loop").end
    parser.end_label(label)
    return body, end


def read_targets(parser: Parser) -> tuple[Fragment, ...]:
    """A comma-separated list of variables, each maybe a field or element of one."""
    tokens = parser.tokens
    found = []
    while True:
        first = tokens.peek()
        tokens.name()
        while tokens.peek().word in (".", "["):
            if tokens.next().word == ".":
                tokens.name()
            else:
                tokens.until(("]",))
                tokens.expect("]")
        end = parser.before()
        found.append(Fragment(tokens.text[first.start : end], first.start, end))
        if not tokens.accept(","):
            return tuple(found)


def read_arguments(parser: Parser) -> tuple[Fragment, ...]:
    """(expression, name := expression, …), or nothing."""
    tokens = parser.tokens
    if not tokens.accept("("):
        return ()
    found = []
    while tokens.peek().word != ")":
        name = ""
        if is_name(tokens.peek()) and tokens.peek(1).word in (":=", "=>"):
            name = tokens.name()
            tokens.expect(":=", "=>")
        found.append(tokens.until((",", ")"))._replace(name=name))
        tokens.accept(",")
    tokens.expect(")")
    return tuple(found)


def _list(parser: Parser, stops: tuple[str, ...]) -> tuple[Fragment, ...]:
    """Expressions separated by commas, up to one of `stops`."""
    tokens = parser.tokens
    found = [tokens.until((",", *stops))]
    while tokens.accept(","):
        found.append(tokens.until((",", *stops)))
    return tuple(found)


READERS: dict[str, Callable[[Parser, str], Command]] = {
    "if": _if,
    "case": _case,
    "loop": _loop,
    "while": _while,
    "for": _for,
    "foreach": _foreach,
}
