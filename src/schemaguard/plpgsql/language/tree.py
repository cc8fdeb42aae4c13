"""The parse tree of a PL/pgSQL body; names follow the grammar of `pl_gram.y`.

libpg_query parses PL/pgSQL, too, but its tree has line numbers only, no scopes, and loses the type and the default of
each variable of a user-defined type. Where both say something they agree: the tests compare them.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class Fragment(NamedTuple):
    """SQL inside a body: an expression or a statement, and its character offsets there.

    An INTO clause is blanked out, so that offsets in `text` are offsets in the body less `start`. `name`: of the
    parameter, for an argument that is given by name.
    """

    text: str
    start: int
    end: int
    name: str = ""


class Node(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Any part of the tree; `start` and `end` are character offsets in the body, the semicolon is left out."""

    start: int
    end: int


class Declaration(Node, frozen=True, kw_only=True):
    """A variable (`type` set), an alias (`alias_for` set) or a bound cursor (`query` set)."""

    name: str
    type: Fragment | None = None
    constant: bool = False
    not_null: bool = False
    default: Fragment | None = None
    alias_for: str = ""
    query: Fragment | None = None
    parameters: tuple[tuple[str, Fragment], ...] = ()


class Handler(Node, frozen=True, kw_only=True):
    """WHEN condition OR … THEN: condition names in lower case, or five-character SQLSTATEs."""

    conditions: tuple[str, ...]
    body: Body


class Block(Node, frozen=True, kw_only=True):
    """[DECLARE …] BEGIN … [EXCEPTION …] END."""

    label: str = ""
    declarations: tuple[Declaration, ...] = ()
    body: Body = ()
    handlers: tuple[Handler, ...] = ()


class Assign(Node, frozen=True, kw_only=True):
    """target := value."""

    target: Fragment
    value: Fragment


class If(Node, frozen=True, kw_only=True):
    """IF … THEN … ELSIF … ELSE."""

    branches: tuple[tuple[Fragment, Body], ...]
    otherwise: Body = ()


class Case(Node, frozen=True, kw_only=True):
    """CASE [operand] WHEN … THEN …; `otherwise` is None where there is no ELSE, and no match is an error."""

    operand: Fragment | None
    branches: tuple[tuple[Fragment, Body], ...]
    otherwise: Body | None = None


class Loop(Node, frozen=True, kw_only=True):
    """LOOP, or WHILE with its `condition`."""

    label: str = ""
    condition: Fragment | None = None
    body: Body


class ForRange(Node, frozen=True, kw_only=True):
    """FOR i IN [REVERSE] lower .. upper [BY step]."""

    label: str = ""
    variable: str
    lower: Fragment
    upper: Fragment
    step: Fragment | None
    reverse: bool
    body: Body


class ForRows(Node, frozen=True, kw_only=True):
    """FOR targets IN query | EXECUTE … | cursor; exactly one of `query`, `execute` and `cursor` is set."""

    label: str = ""
    targets: tuple[Fragment, ...]
    query: Fragment | None = None
    execute: Fragment | None = None
    using: tuple[Fragment, ...] = ()
    cursor: str = ""
    arguments: tuple[Fragment, ...] = ()
    body: Body


class ForEach(Node, frozen=True, kw_only=True):
    """FOREACH target [SLICE n] IN ARRAY …."""

    label: str = ""
    targets: tuple[Fragment, ...]
    slice: int
    array: Fragment
    body: Body


class Exit(Node, frozen=True, kw_only=True):
    """EXIT or CONTINUE (`leave` false) [label] [WHEN …]."""

    leave: bool
    label: str = ""
    condition: Fragment | None = None


class Return(Node, frozen=True, kw_only=True):
    """RETURN [expression]."""

    value: Fragment | None = None


class ReturnNext(Node, frozen=True, kw_only=True):
    """RETURN NEXT [expression]."""

    value: Fragment | None = None


class ReturnQuery(Node, frozen=True, kw_only=True):
    """RETURN QUERY …, or RETURN QUERY EXECUTE …."""

    query: Fragment | None = None
    execute: Fragment | None = None
    using: tuple[Fragment, ...] = ()


class Raise(Node, frozen=True, kw_only=True):
    """RAISE. `level` in lower case; `message` is the decoded format string, `condition` a condition name or SQLSTATE.

    Without both it throws the error that is being handled again. `options` are USING's, names in lower case.
    """

    level: str
    message: str | None = None
    parameters: tuple[Fragment, ...] = ()
    condition: str = ""
    options: tuple[tuple[str, Fragment], ...] = ()


class Assert(Node, frozen=True, kw_only=True):
    """ASSERT condition [, message]."""

    condition: Fragment
    message: Fragment | None = None


class Sql(Node, frozen=True, kw_only=True):
    """A statement of SQL, with where its row goes."""

    statement: Fragment
    into: tuple[Fragment, ...] = ()
    strict: bool = False


class Perform(Node, frozen=True, kw_only=True):
    """PERFORM …: `query` is what stands after the word, a SELECT without its SELECT."""

    query: Fragment


class Execute(Node, frozen=True, kw_only=True):
    """EXECUTE string [INTO …] [USING …]."""

    command: Fragment
    into: tuple[Fragment, ...] = ()
    strict: bool = False
    using: tuple[Fragment, ...] = ()


class GetDiagnostics(Node, frozen=True, kw_only=True):
    """GET [STACKED] DIAGNOSTICS target = item, …; items in lower case."""

    stacked: bool
    items: tuple[tuple[Fragment, str], ...]


class OpenCursor(Node, frozen=True, kw_only=True):
    """OPEN cursor [FOR query | FOR EXECUTE … USING … | (arguments)]."""

    cursor: str
    query: Fragment | None = None
    execute: Fragment | None = None
    using: tuple[Fragment, ...] = ()
    arguments: tuple[Fragment, ...] = ()


class FetchCursor(Node, frozen=True, kw_only=True):
    """FETCH or MOVE (no `into`); `forward` is the number of rows, 0 for a direction that is not followed here."""

    cursor: str
    forward: int
    into: tuple[Fragment, ...] = ()


class CloseCursor(Node, frozen=True, kw_only=True):
    """CLOSE cursor."""

    cursor: str


class Transaction(Node, frozen=True, kw_only=True):
    """COMMIT, or ROLLBACK."""

    commit: bool


class Null(Node, frozen=True, kw_only=True):
    """NULL."""


Command = (
    Block | Assign | If | Case | Loop | ForRange | ForRows | ForEach | Exit | Return | ReturnNext | ReturnQuery
    | Raise | Assert | Sql | Perform | Execute | GetDiagnostics | OpenCursor | FetchCursor | CloseCursor
    | Transaction | Null
)  # fmt: skip
"""A statement of a body."""

Body = tuple[Command, ...]
