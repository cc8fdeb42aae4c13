"""The DECLARE section of a block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.plpgsql.language.tree import Declaration, Fragment

if TYPE_CHECKING:
    from schemaguard.plpgsql.language.tokens import Tokens

_AFTER_TYPE = frozenset((";", ":=", "=", "default", "not", "collate", "constant"))


def read_declarations(tokens: Tokens) -> tuple[Declaration, ...]:
    """What stands between DECLARE and BEGIN."""
    found = []
    while tokens.peek().word != "begin":
        if tokens.accept("declare"):
            continue
        found.append(_declaration(tokens))
    return tuple(found)


def _declaration(tokens: Tokens) -> Declaration:
    start = tokens.peek().start
    name = tokens.name()
    if tokens.accept("alias"):
        tokens.expect("for")
        token = tokens.peek()
        target = tokens.next().word if token.kind == "PARAM" else tokens.name()
        return Declaration(start=start, end=tokens.expect(";").start, name=name, alias_for=target)
    if _is_cursor(tokens):
        return _cursor(tokens, start, name)
    constant = tokens.accept("constant")
    type_ = tokens.until(_AFTER_TYPE)
    if tokens.accept("collate"):
        tokens.name()
        while tokens.accept("."):
            tokens.name()
    not_null = tokens.accept("not", "null")
    default = None
    if tokens.peek().word in (":=", "=", "default"):
        tokens.next()
        default = tokens.until((";",))
    end = tokens.expect(";").start
    return Declaration(
        start=start, end=end, name=name, type=type_, constant=constant, not_null=not_null, default=default
    )


def _is_cursor(tokens: Tokens) -> bool:
    words = [tokens.peek(at).word for at in range(3)]
    return words[0] == "cursor" or words[:2] == ["scroll", "cursor"] or words == ["no", "scroll", "cursor"]


def _cursor(tokens: Tokens, start: int, name: str) -> Declaration:
    while tokens.next().word != "cursor":
        pass
    parameters: list[tuple[str, Fragment]] = []
    if tokens.accept("("):
        while True:
            parameter = tokens.name()
            parameters.append((parameter, tokens.until((",", ")"))))
            if tokens.expect(",", ")").word == ")":
                break
    tokens.expect("for", "is")
    query = tokens.until((";",))
    end = tokens.expect(";").start
    return Declaration(start=start, end=end, name=name, query=query, parameters=tuple(parameters))
