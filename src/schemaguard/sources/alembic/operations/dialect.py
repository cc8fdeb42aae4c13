"""PostgreSQL's dialect of SQLAlchemy, writing every value out, and remembering where each part was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.postgresql.base import PGCompiler, PGDDLCompiler, PGDialect
from sqlalchemy.exc import CompileError
from sqlalchemy.types import UserDefinedType

from schemaguard.sources.alembic.interpreter.library.clauses import literal
from schemaguard.text import Piece, SqlText

if TYPE_CHECKING:
    from schemaguard.text import Span

WRITTEN = "schemaguard: written at"
"""Key of `info` under which a column, constraint or index keeps the place of the call that made it."""

_OPEN, _NUMBERED, _CLOSE = "\ue0f0", "\ue0f1", "\ue0f2"
"""Characters for private use that bracket a part of rendered SQL, with its number in between."""


class LiteralCompiler(PGCompiler):
    """Statements with their values in place, also of types that SQLAlchemy has no literal form for."""

    def render_literal_value(self, value: Any, type_: Any) -> str:  # noqa: ANN401 - any value of any type
        """A value as a literal."""
        try:
            rendered: str = super().render_literal_value(value, type_)  # type: ignore[no-untyped-call]  # untyped there
        except (CompileError, NotImplementedError):
            return literal(value)
        return rendered


class MarkingCompiler(PGDDLCompiler):
    """DDL whose parts are bracketed by marks: which column or constraint a stretch of text belongs to."""

    def process(self, obj: Any, **kw: Any) -> str:  # noqa: ANN401 - any element
        """Render an element, in marks if it knows where it was written."""
        text = super().process(obj, **kw)
        span = place_of(getattr(obj, "element", obj))
        if span is None or text is None:
            return text
        spans: list[Span] = self.dialect.spans  # type: ignore[attr-defined]  # it is an OfflineDialect
        spans.append(span)
        return f"{_OPEN}{len(spans) - 1}{_NUMBERED}{text}{_CLOSE}"


class OfflineDialect(PGDialect):
    """PostgreSQL without a connection; `spans` belongs to the statement that is being rendered."""

    supports_statement_cache = True
    statement_compiler = LiteralCompiler
    ddl_compiler = MarkingCompiler
    default_paramstyle = "named"

    def __init__(self, version: int) -> None:
        """Be the dialect of a server of major `version`."""
        super().__init__(paramstyle="named")  # type: ignore[no-untyped-call]  # untyped there
        self.server_version_info = (version, 0)
        self.spans: list[Span] = []


def place_of(element: Any) -> Span | None:  # noqa: ANN401 - any element
    """Where a column, constraint or index was written, if it says."""
    info = getattr(element, "__dict__", {}).get("info")
    span: Span | None = info.get(WRITTEN) if isinstance(info, dict) else None
    return span


def render(construct: Any, dialect: OfflineDialect, span: Span) -> SqlText:  # noqa: ANN401 - any executable element
    """The SQL of a construct; parts that know where they were written map there, the rest to `span`."""
    dialect.spans = []
    is_ddl = construct.__visit_name__ not in _STATEMENTS and hasattr(construct, "execute_if")
    options = {} if is_ddl else {"compile_kwargs": {"literal_binds": True}}
    compiled = str(construct.compile(dialect=dialect, **options))
    return _unmarked(compiled.strip(), dialect.spans, span)


_STATEMENTS = frozenset(("select", "insert", "update", "delete", "textclause"))


def _unmarked(text: str, spans: list[Span], whole: Span) -> SqlText:
    """Take the marks out, keeping what they said."""
    parts: list[str] = []
    pieces: list[Piece] = []
    stack = [whole]
    at = index = 0
    while index < len(text):
        stop = min(
            (found for mark in (_OPEN, _CLOSE) if (found := text.find(mark, index)) >= 0), default=len(text)
        )
        if stop > index:
            span = stack[-1] if stack[-1].file is whole.file else whole
            parts.append(text[index:stop])
            pieces.append(Piece(at, at + stop - index, span.start, span.end, verbatim=False))
            at += stop - index
        if stop < len(text) and text[stop] == _OPEN:
            close = text.index(_NUMBERED, stop)
            stack.append(spans[int(text[stop + 1 : close])])
            index = close + 1
        else:
            if len(stack) > 1:
                stack.pop()
            index = stop + 1
    return SqlText("".join(parts), whole.file, pieces)


class NamedType(UserDefinedType[Any]):
    """A type that is known by its SQL only: declared in the config, or of a library that is not installed."""

    cache_ok = True

    def __init__(self, sql: str) -> None:
        """Take the type as SQL writes it."""
        self.sql = sql

    def get_col_spec(self, **_options: Any) -> str:
        """The type as SQL writes it."""
        return self.sql
