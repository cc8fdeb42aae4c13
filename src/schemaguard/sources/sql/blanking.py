r"""What SQL files hold that is not SQL: psql commands, COPY data, variables and parameters.

Each is replaced by blanks, or by something of the same length that parses, so that every offset stays; each is listed.
Only declared values are filled in with a length of their own, and the text keeps a map for them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.sources.sql.lexer import Lexer
from schemaguard.text import Piece, SqlText

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from schemaguard.sources.sql.lexer import Token
    from schemaguard.text import SourceFile, Span

# Longer data than this is left out of the text instead of blanked: 50 MB of blanks serve nobody.
LONGEST_BLANK = 1 << 16

_LEADING = r"(?:\s++|--[^\n]*+\n|/\*.*?\*/)*+"
_WORDS = re.compile(rf"{_LEADING}[^\s/-]")
_COPY_FROM_STDIN = re.compile(rf"{_LEADING}copy\b.*\bfrom\s+stdin\b", re.IGNORECASE | re.DOTALL)
_DATA_END = re.compile(r"^\\\.[ \t]*\r?$", re.MULTILINE)
_COMMAND = re.compile(r"\\(?:[;:\\]|\w+|[!?.])")
# Arguments end with the line, or at a backslash outside quotes: a command, or `\\` after which SQL goes on. Some
# commands take all of the line as it is.
_ARGUMENTS = re.compile(r"""(?:'(?:[^'\\\n]|\\.|'')*'|"[^"\n]*"|`[^`\n]*`|[^\\\n])*""")
_ARGUMENT = re.compile(r"""(?:'(?:[^']|'')*'|"[^"]*"|[^\s'"])+""")
_WHOLE_LINE = frozenset(("!", "copy", "h", "help"))
_VARIABLE = re.compile(r""":(?:\{\?(\w+)\}|'(\w+)'|"(\w+)"|([^\W\d]\w*))""")
_CONDITIONALS = frozenset(("if", "elif", "else", "endif"))
_TRUE = frozenset(("true", "tru", "tr", "t", "yes", "ye", "y", "on", "1"))
_PLACEHOLDER = re.compile(r"\$\{([^{}\s]+)\}")

# By what matters besides: where data may follow a statement, and whether values count in dollar quotes.
_LEXERS = {
    (borders, dollar): Lexer(r";[]:\%" if borders else r"[]:\%", dollar=dollar)
    for borders in (False, True)
    for dollar in (False, True)
}

# psql commands that send the statement before them, as a semicolon does.
SENDING = frozenset(
    ("g", "gx", "gset", "gexec", "gdesc", "watch", "crosstabview", "bind", "bind_named", "parse")
)


class Edit(NamedTuple):
    """A stretch of a file that is not SQL, and what is read in its place.

    `name`: the command or the variable. `argument`: the command's, or for a variable whether its value is known.
    """

    start: int
    end: int
    text: str
    kind: str
    name: str = ""
    argument: str = ""


class Blanked(NamedTuple):
    """One edit as coverage reports it: `psql command`, `COPY data`, `variable`, `parameter`, `placeholder`."""

    span: Span
    kind: str
    name: str


def blank(text: str) -> str:
    """As many blanks, and every line end where it was."""
    return re.sub(r"[^\r\n]+", lambda run: " " * len(run.group()), text)


def edits(
    text: str,
    values: Mapping[str, str],
    start: int = 0,
    end: int | None = None,
    *,
    braces: bool = False,
) -> list[Edit]:
    r"""All that is not SQL between two offsets, in order.

    `values` fill variables (`:name`), parameters (`%(name)s`) and, with `braces`, placeholders (`${name}`). `\set` is
    heeded; a name without a value stands for itself.
    """
    stop = len(text) if end is None else end
    found = _Scan(text, values, stop).run(start) if _is_mixed(text) else []
    if not braces:
        return found
    taken = [(edit.start, edit.end) for edit in found]
    for match in _PLACEHOLDER.finditer(text, start, stop):
        if not any(first < match.end() and match.start() < last for first, last in taken):
            known = "known" if match[1] in values else ""
            found.append(Edit(*match.span(), values.get(match[1], match[1]), "placeholder", match[1], known))
    return sorted(found)


def _is_mixed(text: str) -> bool:
    """Whether anything but SQL can be in a text; most files are plain, and this is quick to see."""
    return (
        "\\" in text
        or "%(" in text
        or ":" in text.replace("::", "").replace(": ", "")
        or "stdin" in text.lower()
    )


def _unquoted(argument: str) -> str:
    """What psql makes of an argument without escapes: single quotes go, double quotes stay."""
    return re.sub(r"'((?:[^']|'')*)'", lambda quoted: quoted[1].replace("''", "'"), argument)


class _Branches(NamedTuple):
    r"""An open `\if`: whether its surroundings run, whether a branch was taken, whether that can be known."""

    live: bool
    taken: bool
    known: bool


class _Scan:
    """One pass over a file's text."""

    def __init__(self, text: str, values: Mapping[str, str], stop: int) -> None:
        self.text = text
        self.stop = stop
        self.values = dict(values)
        self.declared = set(values)
        self.found: list[Edit] = []
        self.statement = 0  # where the current statement begins
        self.brackets = 0
        self.open: list[_Branches] = []
        self.live = True
        self.dead_from = (0, 0)  # where the branch that does not run begins: offset, and position in `found`

    def run(self, start: int) -> list[Edit]:
        self.statement = start
        lexer = _LEXERS["stdin" in self.text.lower(), bool(self.declared)]
        stream = lexer.tokens(self.text, start, self.stop)
        token: Token | None = next(stream, None)
        while token is not None:
            resume = self.token(token)
            try:
                token = stream.send(resume)
            except StopIteration:
                token = None
        while self.open:
            self.conditional("endif", "", self.stop, self.stop)
        return self.found

    def token(self, token: Token) -> int | None:
        """Look at one token; where to go on where that is not at its end."""
        match token.kind:
            case ";":
                return self.end_statement(token.end)
            case "[" | "]":
                self.brackets = max(self.brackets + (1 if token.kind == "[" else -1), 0)
            case "\\":
                return self.command(token.start)
            case ":":
                return self.variable(token.start)
            case "dollar":
                self.declared_inside(token.start, token.end)
            case kind if kind.startswith("%"):
                name = kind[2:-2]
                self.fill(token.start, token.end, name, "parameter", "NULL".ljust(token.end - token.start))
        return None

    def end_statement(self, end: int) -> int | None:
        """Step over the data of a COPY … FROM stdin that ends here; where to go on, None: right here."""
        statement, self.statement = self.statement, end
        self.brackets = 0
        is_copy = self.live and _COPY_FROM_STDIN.match(self.text, statement, end)
        return self.data(end) if is_copy else None

    def data(self, end: int) -> int:
        r"""Blank inline data: from the next line to one that is `\.`, or to the end."""
        line_end = self.text.find("\n", end, self.stop)
        first = self.stop if line_end < 0 else line_end + 1
        close = _DATA_END.search(self.text, first, self.stop)
        last = close.end() if close else self.stop
        if last > first:
            self.add(first, last, "COPY data")
        self.statement = last
        return last

    def command(self, start: int) -> int:
        """Blank a psql command, as a rule to the end of its line; where to go on."""
        text = self.text
        match = _COMMAND.match(text, start, self.stop)
        name = match.group()[1:] if match else ""
        if name in (";", ":"):
            self.found.append(Edit(start, start + 2, f" {name}", "psql command", name))
            return start + 2
        after = match.end() if match else start + 1
        line_end = text.find("\n", after, self.stop)
        last = self.stop if line_end < 0 else line_end
        if name not in _WHOLE_LINE and (arguments := _ARGUMENTS.match(text, after, last)):
            last = arguments.end()
        argument = text[after:last].strip()
        resume = last + 2 if text.startswith("\\\\", last, self.stop) else last
        if name in _CONDITIONALS:
            self.conditional(name, argument, start, resume)
        elif self.live:
            self.set_variable(name, argument)
        if self.live and name in ("q", "quit"):
            resume = self.stop
        self.add(start, resume, "psql command", name, argument, ";" if name in SENDING else "")
        if name in SENDING or not _WORDS.match(text, self.statement, start):
            self.statement = resume
        if self.live and name == "copy" and re.search(r"\bfrom\s+p?stdin\b", argument, re.IGNORECASE):
            return self.data(resume)
        return resume

    def conditional(self, name: str, argument: str, start: int, resume: int) -> None:
        r"""Heed `\if` and what goes with it: a branch that does not run, or may not, is blanked."""
        if name == "if":
            truth = self.truth(argument) if self.live else False
            self.open.append(_Branches(self.live, truth is True, truth is not None))
            self.begin_branch(resume, live=self.live and truth is True)
        elif self.open:
            around = self.open.pop()
            self.end_branch(start, around)
            if name == "endif":
                self.live = around.live
                return
            truth = around.known and not around.taken and (name == "else" or self.truth(argument))
            known = around.known and truth is not None
            self.open.append(_Branches(around.live, around.taken or truth is True, known))
            self.begin_branch(resume, live=around.live and truth is True)

    def begin_branch(self, offset: int, *, live: bool) -> None:
        if self.live and not live:
            self.dead_from = (offset, len(self.found) + 1)  # the command's own edit comes first
        self.live = live

    def end_branch(self, offset: int, around: _Branches) -> None:
        if around.live and not self.live:
            begin, position = self.dead_from
            del self.found[position:]
            self.add(begin, offset, "branch" if around.known else "unknown branch")
            self.live = True

    def truth(self, argument: str) -> bool | None:
        r"""What `\if` makes of its argument, as psql reads booleans; None where it takes a value we lack."""
        match = _VARIABLE.fullmatch(argument)
        if match and match[1]:
            return match[1] in self.values
        word = self.values.get(match[4]) if match and match[4] else argument
        return None if word is None or set(word) & {":", "`"} else word.lower() in _TRUE

    def set_variable(self, name: str, argument: str) -> None:
        r"""Heed `\set` of a plain value; a value put together from others is as good as none."""
        parts = _ARGUMENT.findall(argument)
        if name == "set" and parts and not {":", "`", "\\"} & set(argument):
            self.values[parts[0]] = "".join(_unquoted(part) for part in parts[1:])
        elif name in ("set", "unset", "prompt", "getenv") and parts:
            self.values.pop(parts[0], None)

    def variable(self, start: int) -> int | None:
        match = _VARIABLE.match(self.text, start, self.stop)
        if match is None:
            return None
        is_set, string, quoted, bare = match.groups()
        name = is_set or string or quoted or bare
        if is_set:
            known = "TRUE" if name in self.values else "FALSE"
            self.add(*match.span(), "variable", name, replacement=known)
        elif string:
            self.fill(*match.span(), name, "variable", f" '{name}'", "'")
        elif quoted:
            self.fill(*match.span(), name, "variable", f' "{name}"', '"')
        elif name in self.values or not self.brackets:  # `a[1:n]` is a slice
            self.fill(*match.span(), name, "variable", f" {name}")
        return match.end()

    def declared_inside(self, start: int, end: int) -> None:
        """Declared names count in dollar quotes, too: psql would not look there, other runners do."""
        if self.declared:
            for match in _VARIABLE.finditer(self.text, start, end):
                if match[4] in self.declared and self.text[match.start() - 1] != ":":
                    self.fill(*match.span(), match[4], "variable", "")

    def fill(self, start: int, end: int, name: str, kind: str, stand_in: str, quote: str = "") -> None:
        """Read a name's value in its place, or something as long that parses.

        What can only be a value says nothing about the schema; what may be a name is told of if it is not known.
        """
        value = self.values.get(name)
        if value is not None and quote:
            value = quote + value.replace(quote, quote * 2) + quote
        is_value = kind == "parameter" or quote == "'"
        known = "" if value is None and not is_value else "known"
        self.found.append(Edit(start, end, stand_in if value is None else value, kind, name, known))

    def add(
        self, start: int, end: int, kind: str, name: str = "", argument: str = "", replacement: str = ""
    ) -> None:
        """Blank a stretch; a replacement, where there is room for it, stands at its beginning."""
        if start == end:
            return
        blanks = "" if end - start > LONGEST_BLANK else blank(self.text[start + len(replacement) : end])
        self.found.append(Edit(start, end, replacement + blanks, kind, name, argument))


def edited(file: SourceFile, start: int, end: int, changes: Sequence[Edit]) -> SqlText:
    """The SQL of a file between two offsets, each change read in its place."""
    if not changes:
        return SqlText.part_of(file, start, end)
    texts: list[str] = []
    pieces: list[Piece] = []
    at = length = 0

    def take(text: str, first: int, last: int) -> None:
        """Add a run of SQL; the same number of characters goes on in one piece."""
        nonlocal length
        if not text:
            return
        texts.append(text)
        same = len(text) == last - first
        if same and pieces and pieces[-1].verbatim and pieces[-1].file_end == first:
            begun = pieces.pop()
            pieces.append(Piece(begun.start, length + len(text), begun.file_start, last, verbatim=True))
        else:
            pieces.append(Piece(length, length + len(text), first, last, verbatim=same))
        length += len(text)

    at = start
    for change in changes:
        take(file.text[at : change.start], at, change.start)
        take(change.text, change.start, change.end)
        at = change.end
    take(file.text[at:end], at, end)
    return SqlText("".join(texts), file, pieces)
