"""What PL/pgSQL's compiler refuses in a body that parses: names, labels, RETURN, and SQL that is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pglast.parser import ParseError, parse_sql_json

from schemaguard.plpgsql.language import tree
from schemaguard.plpgsql.language.fragments import parts
from schemaguard.plpgsql.language.tokens import BodyError, identifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DATATYPE_MISMATCH = "42804"
ERROR_IN_ASSIGNMENT = "22005"


class Signature(NamedTuple):
    """What a body needs to know of its routine; that of a DO block is the default.

    `names` are those of its parameters, and of NEW, OLD and the like in a trigger function; `returns`: value, set,
    outputs (OUT parameters) or void.
    """

    names: frozenset[str] = frozenset()
    returns: str = "void"
    procedure: bool = False


def check_body(block: tree.Block, signature: Signature) -> None:
    """Check a whole body.

    Raises:
        BodyError: the compiler would refuse it.
    """
    for part in parts(block):
        _check_sql(part.kind, part.fragment)
    names = dict.fromkeys((*signature.names, "found"), False)
    _Checker(signature).command(block, [names], [], loops=0)


def _check_sql(kind: str, fragment: tree.Fragment) -> None:
    prefix = "" if kind == "statement" else "SELECT "
    try:
        parse_sql_json(prefix + fragment.text)
    except ParseError as error:
        message, index = (*error.args, None)[:2]
        at = len(fragment.text) if index is None else int(index) - len(prefix)
        raise BodyError(str(message), fragment.start + at) from None


class _Checker:
    """Walks a body with the names in scope (each with whether it is a constant) and the labels around."""

    def __init__(self, signature: Signature) -> None:
        self.signature = signature

    def body(self, body: tree.Body, scopes: list[dict[str, bool]], labels: list[str], loops: int) -> None:
        for command in body:
            self.command(command, scopes, labels, loops)

    def command(
        self, command: tree.Command, scopes: list[dict[str, bool]], labels: list[str], loops: int
    ) -> None:
        for target in _targets(command):
            _require_variable(target, scopes)
        match command:
            case tree.Block():
                self._block(command, scopes, labels, loops)
            case tree.If() | tree.Case():
                for _condition, body in command.branches:
                    self.body(body, scopes, labels, loops)
                self.body(command.otherwise or (), scopes, labels, loops)
            case tree.ForRange():
                self.body(
                    command.body, [*scopes, {command.variable: False}], [*labels, command.label], loops + 1
                )
            case tree.ForRows() if command.cursor:
                own = {identifier(target.text): False for target in command.targets}
                self.body(command.body, [*scopes, own], [*labels, command.label], loops + 1)
            case tree.Loop() | tree.ForRows() | tree.ForEach():
                self.body(command.body, scopes, [*labels, command.label], loops + 1)
            case tree.Exit():
                _check_exit(command, labels, loops)
            case tree.Return() | tree.ReturnNext() | tree.ReturnQuery():
                self._return(command)

    def _block(self, block: tree.Block, scopes: list[dict[str, bool]], labels: list[str], loops: int) -> None:
        own: dict[str, bool] = {}
        for declaration in block.declarations:
            if declaration.name in own:
                raise BodyError(f'duplicate declaration at or near "{declaration.name}"', declaration.start)
            own[declaration.name] = declaration.constant
        inner = [*scopes, own, {f"{block.label}.{name}": constant for name, constant in own.items()}]
        self.body(block.body, inner, [*labels, block.label], loops)
        for handler in block.handlers:
            texts = dict.fromkeys(("sqlstate", "sqlerrm"), True)
            self.body(handler.body, [*inner, texts], [*labels, block.label], loops)

    def _return(self, command: tree.Return | tree.ReturnNext | tree.ReturnQuery) -> None:
        returns = self.signature.returns
        if not isinstance(command, tree.Return):
            if returns != "set":
                word = "NEXT" if isinstance(command, tree.ReturnNext) else "QUERY"
                message = f"cannot use RETURN {word} in a non-SETOF function"
                raise BodyError(message, command.start, DATATYPE_MISMATCH)
            return
        if command.value is None:
            if returns == "value":
                raise BodyError('missing expression at or near ";"', command.end)
            return
        if returns != "value":
            what = "a procedure" if self.signature.procedure else f"function returning {returns}"
            what = "function with OUT parameters" if returns == "outputs" else what
            message = f"RETURN cannot have a parameter in {what}"
            raise BodyError(message, command.start, DATATYPE_MISMATCH)


def _targets(command: tree.Command) -> Iterator[tree.Fragment]:
    """What a command assigns to; the targets of a loop over a cursor are variables of its own."""
    if isinstance(command, tree.Assign):
        yield command.target
    elif isinstance(command, tree.GetDiagnostics):
        yield from (target for target, _item in command.items)
    elif isinstance(command, tree.ForEach) or (isinstance(command, tree.ForRows) and not command.cursor):
        yield from command.targets
    else:
        into: Any = getattr(command, "into", ())
        yield from into


def _require_variable(target: tree.Fragment, scopes: Iterable[dict[str, bool]]) -> None:
    """Refuse a target that is no variable, or a constant."""
    names = _names(target.text)
    if names[0].startswith("$"):
        return
    for scope in reversed(list(scopes)):
        for name in (names[0], ".".join(names[:2])):
            if name in scope:
                if scope[name]:
                    message = f'variable "{names[0]}" is declared CONSTANT'
                    raise BodyError(message, target.start, ERROR_IN_ASSIGNMENT)
                return
    if len(names) > 1:
        return  # the label of a block or function may come first
    raise BodyError(f'"{names[0]}" is not a known variable', target.start)


def _names(text: str) -> list[str]:
    """The dotted name that a target begins with."""
    return [identifier(part.strip()) for part in text.partition("[")[0].split(".")]


def _check_exit(command: tree.Exit, labels: list[str], loops: int) -> None:
    word = "EXIT" if command.leave else "CONTINUE"
    if command.label:
        if command.label not in labels:
            message = (
                f'there is no label "{command.label}" attached to any block or loop enclosing this statement'
            )
            raise BodyError(message, command.start)
    elif loops == 0:
        tail = ", unless it has a label" if command.leave else ""
        raise BodyError(f"{word} cannot be used outside a loop{tail}", command.start)
