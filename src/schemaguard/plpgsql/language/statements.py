"""The statements that hold no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.plpgsql.language.loops import read_arguments, read_targets
from schemaguard.plpgsql.language.tokens import CLOSING, OPENING, BodyError, is_name
from schemaguard.plpgsql.language.tree import (
    Assert,
    Assign,
    CloseCursor,
    Execute,
    Exit,
    FetchCursor,
    Fragment,
    GetDiagnostics,
    Null,
    OpenCursor,
    Perform,
    Raise,
    Return,
    ReturnNext,
    ReturnQuery,
    Sql,
    Transaction,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.plpgsql.language.parser import Parser
    from schemaguard.plpgsql.language.tree import Command

_LEVELS = frozenset(("exception", "warning", "notice", "info", "log", "debug"))


def read(parser: Parser) -> Command:
    """One statement, up to its semicolon."""
    tokens = parser.tokens
    token = tokens.peek()
    if _is_assignment(parser):
        return _assign(parser)
    reader = _READERS.get(token.word)
    if reader is not None:
        return reader(parser)
    if not is_name(token):
        raise tokens.error(token)
    return _sql(parser)


def _is_assignment(parser: Parser) -> bool:
    """A name (or `$1`), its fields and subscripts, and then `:=` or `=`."""
    tokens = parser.tokens
    first = tokens.peek()
    if not (is_name(first) or first.kind == "PARAM"):
        return False
    return tokens.peek(1).word in (":=", "=", "[") or (tokens.peek(1).word == "." and is_name(tokens.peek(2)))


def _assign(parser: Parser) -> Command:
    tokens = parser.tokens
    target = tokens.until((":=", "=", ";"))
    tokens.expect(":=", "=")
    value = tokens.until((";",))
    return Assign(start=target.start, end=value.end, target=target, value=value)


def _exit(parser: Parser) -> Command:
    tokens = parser.tokens
    word = tokens.next()
    label = "" if tokens.peek().word in ("when", ";") else tokens.name()
    condition = tokens.until((";",)) if tokens.accept("when") else None
    return Exit(
        start=word.start, end=parser.before(), leave=word.word == "exit", label=label, condition=condition
    )


def _return(parser: Parser) -> Command:
    tokens = parser.tokens
    start = tokens.next().start
    if tokens.peek().word == "next" and tokens.peek(1).word != ".":
        tokens.next()
        value = tokens.until((";",), empty=True)
        return ReturnNext(start=start, end=parser.before(), value=value if value.text else None)
    if tokens.accept("query"):
        if tokens.accept("execute"):
            command = tokens.until((";", "using"))
            using = _using(parser)
            return ReturnQuery(start=start, end=parser.before(), execute=command, using=using)
        query = tokens.until((";",))
        return ReturnQuery(start=start, end=query.end, query=query)
    value = tokens.until((";",), empty=True)
    return Return(start=start, end=parser.before(), value=value if value.text else None)


def _raise(parser: Parser) -> Command:
    tokens = parser.tokens
    start = tokens.next().start
    level = tokens.next().word if tokens.peek().word in _LEVELS else "exception"
    message, condition = None, ""
    parameters: list[Fragment] = []
    token = tokens.peek()
    if token.kind in ("SCONST", "USCONST"):
        message = tokens.string()
        while tokens.accept(","):
            parameters.append(tokens.until((",", ";", "using")))
    elif tokens.accept("sqlstate"):
        condition = tokens.string()
    elif token.word not in (";", "using"):
        condition = tokens.name()
    options: list[tuple[str, Fragment]] = []
    if tokens.accept("using"):
        while True:
            name = tokens.name()
            tokens.expect("=", ":=")
            options.append((name, tokens.until((",", ";"))))
            if not tokens.accept(","):
                break
    if message is not None and _placeholders(message) != len(parameters):
        fault = "few" if _placeholders(message) > len(parameters) else "many"
        raise BodyError(f"too {fault} parameters specified for RAISE", token.start)
    return Raise(
        start=start, end=parser.before(), level=level, message=message, parameters=tuple(parameters),
        condition=condition, options=tuple(options),
    )  # fmt: skip


def _placeholders(message: str) -> int:
    return message.replace("%%", "").count("%")


def _assert(parser: Parser) -> Command:
    tokens = parser.tokens
    start = tokens.next().start
    condition = tokens.until((",", ";"))
    message = tokens.until((";",)) if tokens.accept(",") else None
    return Assert(start=start, end=parser.before(), condition=condition, message=message)


def _perform(parser: Parser) -> Command:
    start = parser.tokens.next().start
    query = parser.tokens.until((";",))
    return Perform(start=start, end=query.end, query=query)


def _execute(parser: Parser) -> Command:
    tokens = parser.tokens
    start = tokens.next().start
    command = tokens.until((";", "using", "into"))
    into: tuple[Fragment, ...] = ()
    strict = False
    using: tuple[Fragment, ...] = ()
    while tokens.peek().word != ";":
        if tokens.peek().word == "into" and not into:
            tokens.next()
            strict = tokens.accept("strict")
            into = read_targets(parser)
        elif tokens.peek().word == "using" and not using:
            using = _using(parser)
        else:
            raise tokens.error()
    return Execute(start=start, end=parser.before(), command=command, into=into, strict=strict, using=using)


def _using(parser: Parser) -> tuple[Fragment, ...]:
    tokens = parser.tokens
    found = []
    if tokens.accept("using"):
        found.append(tokens.until((",", ";", "into")))
        while tokens.accept(","):
            found.append(tokens.until((",", ";", "into")))
    return tuple(found)


def _get(parser: Parser) -> Command:
    tokens = parser.tokens
    start = tokens.next().start
    stacked = tokens.expect("current", "stacked", "diagnostics").word
    if stacked != "diagnostics":
        tokens.expect("diagnostics")
    items = []
    while True:
        [target] = read_targets(parser)
        tokens.expect("=", ":=")
        items.append((target, tokens.name()))
        if not tokens.accept(","):
            break
    return GetDiagnostics(start=start, end=parser.before(), stacked=stacked == "stacked", items=tuple(items))


def _open(parser: Parser) -> Command:
    tokens = parser.tokens
    start = tokens.next().start
    cursor = tokens.name()
    tokens.accept("no")
    tokens.accept("scroll")
    if not tokens.accept("for"):
        arguments = read_arguments(parser)
        return OpenCursor(start=start, end=parser.before(), cursor=cursor, arguments=arguments)
    if tokens.accept("execute"):
        command = tokens.until((";", "using"))
        using = _using(parser)
        return OpenCursor(start=start, end=parser.before(), cursor=cursor, execute=command, using=using)
    query = tokens.until((";",))
    return OpenCursor(start=start, end=parser.before(), cursor=cursor, query=query)


def _fetch(parser: Parser) -> Command:
    """FETCH or MOVE: only the next row is followed; other directions have `forward` 0."""
    tokens = parser.tokens
    start = tokens.next().start
    words = tokens.until((";", "into"))
    into: tuple[Fragment, ...] = ()
    if tokens.accept("into"):
        into = read_targets(parser)
    *direction, cursor = words.text.split()
    forward = 1 if not direction or direction[0].lower() in ("next", "from", "in") else 0
    return FetchCursor(start=start, end=parser.before(), cursor=cursor.lower(), forward=forward, into=into)


def _close(parser: Parser) -> Command:
    start = parser.tokens.next().start
    return CloseCursor(start=start, cursor=parser.tokens.name(), end=parser.before())


def _transaction(parser: Parser) -> Command:
    word = parser.tokens.next()
    parser.tokens.until((";",), empty=True)
    return Transaction(start=word.start, end=parser.before(), commit=word.word == "commit")


def _null(parser: Parser) -> Command:
    word = parser.tokens.next()
    return Null(start=word.start, end=word.end)


def _sql(parser: Parser) -> Command:
    """Any statement of SQL, without its INTO clause."""
    tokens = parser.tokens
    first = tokens.peek()
    into: tuple[Fragment, ...] = ()
    strict = False
    clause = (first.start, first.start)
    depth = 0
    previous = ""
    inner = _AtomicBody(first.word)
    while True:
        token = tokens.peek()
        if not token.word:
            raise tokens.error(token)
        if token.word == ";" and not inner.depth:
            if depth > 0:
                raise BodyError("mismatched parentheses", token.start)
            break
        depth += (token.word in OPENING) - (token.word in CLOSING)
        inner.see(previous, token.word)
        if (
            token.word == "into"
            and previous not in ("insert", "merge")
            and first.word not in ("import", "create")
        ):
            if into:
                raise BodyError("INTO specified more than once", token.start)
            tokens.next()
            strict = tokens.accept("strict")
            into = read_targets(parser)
            clause = (token.start, parser.before())
        else:
            tokens.next()
        previous = token.word
    end = parser.before()
    text = tokens.text
    blanked = text[first.start : clause[0]] + " " * (clause[1] - clause[0]) + text[clause[1] : end]
    if not into:
        blanked = text[first.start : end]
    return Sql(
        start=first.start, end=end, statement=Fragment(blanked, first.start, end), into=into, strict=strict
    )


class _AtomicBody:
    """Whether a CREATE FUNCTION is inside its BEGIN ATOMIC … END, where semicolons do not end it."""

    def __init__(self, first: str) -> None:
        self.possible = first == "create"
        self.depth = 0

    def see(self, previous: str, word: str) -> None:
        if not self.possible:
            return
        if (word == "atomic" and previous == "begin") or (self.depth and word == "case"):
            self.depth += 1
        elif self.depth and word == "end":
            self.depth -= 1


_READERS: dict[str, Callable[[Parser], Command]] = {
    "exit": _exit,
    "continue": _exit,
    "return": _return,
    "raise": _raise,
    "assert": _assert,
    "perform": _perform,
    "execute": _execute,
    "get": _get,
    "open": _open,
    "fetch": _fetch,
    "move": _fetch,
    "close": _close,
    "commit": _transaction,
    "rollback": _transaction,
    "null": _null,
}
