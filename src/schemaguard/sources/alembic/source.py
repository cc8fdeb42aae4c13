"""A Python file under check: its text, its syntax tree, and where each node is written."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from functools import cached_property
from typing import TYPE_CHECKING

from schemaguard.text import SourceFile

if TYPE_CHECKING:
    from schemaguard.text import Span

_LINE_END = re.compile(r"\r\n?")


class Unreadable(Exception):  # noqa: N818 - named for what the file is
    """A file's bytes are not text: no permission, not UTF-8, NUL; the message says which."""


class NotPython(Exception):  # noqa: N818 - named for what the text is
    """A file that Python would refuse; `line` and `column` from 1, as Python reports them."""

    def __init__(self, message: str, line: int, column: int) -> None:
        """Take Python's message and place."""
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


class PythonFile(SourceFile):
    """A Python file; its text has a line feed for every line end, as Python's own reader gives it."""

    @cached_property
    def cache(self) -> dict[ast.AST, object]:
        """What has been worked out about nodes and never changes: the value of a literal."""
        return {}

    @cached_property
    def tree(self) -> ast.Module:
        """The module's syntax tree.

        Raises:
            NotPython: it does not parse.
        """
        try:
            with warnings.catch_warnings():
                # An invalid escape sequence in somebody's string is for their linter to say.
                warnings.simplefilter("ignore")
                return ast.parse(self.text)
        except SyntaxError as error:
            raise NotPython(error.msg, error.lineno or 1, error.offset or 1) from error
        except ValueError as error:
            raise NotPython(str(error), 1, 1) from error
        except (RecursionError, MemoryError) as error:
            raise NotPython("nested too deeply to be read", 1, 1) from error

    @cached_property
    def _is_ascii(self) -> bool:
        return self.text.isascii()

    def offset(self, line: int, byte_column: int) -> int:
        """The character offset of a line (from 1) and a column in UTF-8 bytes (from 0), as `ast` gives them."""
        start = self.line_starts[min(line, len(self.line_starts)) - 1]
        if self._is_ascii or byte_column == 0:
            return start + byte_column
        prefix = self.line(line).encode("utf-8", "surrogatepass")[:byte_column]
        return start + len(prefix.decode("utf-8", "surrogatepass"))

    def node_span(self, node: ast.expr | ast.stmt | ast.keyword | ast.arg) -> Span:
        """Where a node is written."""
        start = self.offset(node.lineno, node.col_offset)
        return self.span(start, self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0))

    def code(self, node: ast.expr) -> str:
        """An expression as written, on one line; long ones are cut."""
        text = " ".join(self.node_span(node).text.split())
        return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"


_LONGEST_QUOTE = 80


def decoded_python(data: bytes, path: str) -> PythonFile:
    """A Python file in the encoding that it declares (PEP 263); `path` is how findings name it.

    Raises:
        Unreadable: it is not text.
    """
    return PythonFile(path, _LINE_END.sub("\n", _decode(data)))


def decoded_text(data: bytes) -> str:
    """A UTF-8 text, with a line feed for every line end.

    Raises:
        Unreadable: it is not UTF-8.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"not UTF-8: {error}") from error
    return _LINE_END.sub("\n", text)


def _decode(data: bytes) -> str:
    try:
        encoding, _lines = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(f"not {error.encoding}: {error.reason} at offset {error.start}") from error
    except SyntaxError as error:
        raise Unreadable(str(error.msg)) from error
