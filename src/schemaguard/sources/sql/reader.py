"""Reading SQL files for a layout: texts, what is blanked in them, and what went wrong on the way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.sources.problems import Problem, Unreadable
from schemaguard.sources.sql.blanking import Blanked, Edit, edited, edits
from schemaguard.sources.tree import join, parent, read_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from schemaguard.sources.tree import FileTree
    from schemaguard.text import SourceFile, SqlText

_INCLUDES = {
    "i": False,
    "include": False,
    "ir": True,
    "include_relative": True,
}  # relative to the including file?
_DEEPEST_INCLUDE = 16
_ARCHIVE = b"PGDMP"


class Program(NamedTuple):
    """What a migration runs, in order, and what of its files is not SQL."""

    sql: tuple[SqlText, ...] = ()
    blanked: tuple[Blanked, ...] = ()

    def __add__(self, other: object) -> Program:
        """Run one after the other."""
        if not isinstance(other, Program):
            return NotImplemented
        return Program(self.sql + other.sql, self.blanked + other.blanked)

    @property
    def is_empty(self) -> bool:
        """Whether nothing but comments stands in it."""
        return not any(_without_comments(sql.text) for sql in self.sql)


def _without_comments(text: str) -> str:
    return re.sub(r"--[^\n]*|/\*.*?\*/|[\s;]+", "", text, flags=re.DOTALL)


class Reader:
    """Reads the files of one source; `problems` and `notes` collect what is to be told about them.

    `values` fill variables and placeholders; `braces`: `${name}` is a placeholder in this layout.
    """

    def __init__(self, tree: FileTree, values: Mapping[str, str] | None = None) -> None:
        """Read from `tree`, with the placeholder values that the config declares."""
        self.tree = tree
        self.values = dict(values or {})
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.included: set[str] = set()
        self._files: dict[str, SourceFile | None] = {}
        self._told: set[tuple[str, str]] = set()

    @property
    def paths(self) -> list[str]:
        """The files that were asked for."""
        return list(self._files)

    def file(self, path: str) -> SourceFile | None:
        """A file's text; None, and a problem, where it can't be had."""
        if path not in self._files:
            try:
                self._files[path] = self._text(path)
            except Unreadable as unreadable:
                self.problems.append(unreadable.problem)
                self._files[path] = None
        return self._files[path]

    def _text(self, path: str) -> SourceFile:
        try:
            return read_source(self.tree, path)
        except Unreadable as unreadable:
            if self.tree.is_file(path) and self.tree.read(path).startswith(_ARCHIVE):
                problem = unreadable.problem._replace(
                    message=f"{path} is a pg_dump archive, not SQL",
                    help="Dump it as text: pg_dump --schema-only --format=plain",
                )
                raise Unreadable(problem) from None
            raise

    def texts(self, paths: Iterable[str]) -> Iterator[SourceFile]:
        """The files that can be read, in the order of the paths."""
        return (file for path in paths if (file := self.file(path)) is not None)

    def program(
        self,
        path: str | SourceFile,
        start: int = 0,
        end: int | None = None,
        *,
        braces: bool = False,
        extra: Sequence[Edit] = (),
    ) -> Program:
        """The SQL of a file or a part of it: everything else is blanked, what it includes stands in its place.

        `braces`: `${name}` is a placeholder. `extra`: edits that the layout makes itself.
        """
        file = self.file(path) if isinstance(path, str) else path
        if file is None:
            return Program()
        stop = len(file.text) if end is None else end
        changes = edits(file.text, self.values, start, stop, braces=braces)
        return self._program(file, start, stop, sorted([*changes, *extra]), (file.path,))

    def _program(
        self, file: SourceFile, start: int, stop: int, changes: Sequence[Edit], way: tuple[str, ...]
    ) -> Program:
        blanked = [Blanked(file.span(each.start, each.end), each.kind, each.name) for each in changes]
        sql: list[SqlText] = []
        taken = 0
        for index, change in enumerate(changes):
            self._judge(file, change)
            if change.kind == "psql command" and change.name in _INCLUDES:
                sql.append(edited(file, start, change.end, changes[taken : index + 1]))
                start, taken = change.end, index + 1
                included = self._include(file, change, way)
                sql += included.sql
                blanked += included.blanked
        sql.append(edited(file, start, stop, changes[taken:]))
        return Program(tuple(sql), tuple(blanked))

    def _include(self, file: SourceFile, change: Edit, way: tuple[str, ...]) -> Program:
        r"""The program of a file that `\i` or `\ir` names."""
        name = change.argument.strip("'\"")
        beside, from_root = join(parent(file.path), name), join("", name)
        places = [beside] if _INCLUDES[change.name] else [from_root, beside]
        path = next((place for place in places if self.tree.is_file(place)), None)
        why = ""
        if path is None:
            why = "there is no such file"
        elif path in way or len(way) > _DEEPEST_INCLUDE:
            why = "it is being included already"
        if path is None or why:
            message = f"`\\{change.name} {change.argument}` cannot be followed: {why}"
            self.opaque(
                file, change, message, "Paths are looked for from the project's root and from the file."
            )
            return Program()
        self.included.add(path)
        included = self.file(path)
        if included is None:
            return Program()
        changes = edits(included.text, self.values)
        return self._program(included, 0, len(included.text), changes, (*way, path))

    def _judge(self, file: SourceFile, change: Edit) -> None:
        """Report what can't be known for a stretch that was blanked."""
        if change.kind in ("variable", "parameter", "placeholder") and not change.argument:
            if (file.path, change.name) not in self._told:
                self._told.add((file.path, change.name))
                message = f"the value of the {change.kind} `{change.name}` is not known; it is read as a name"
                remedy = f"Give the source its value: placeholders: {{{change.name}: …}}"
                self.opaque(file, change, message, remedy)
        elif change.name == "gexec":
            self.opaque(file, change, "`\\gexec` runs what its query returns, which is not known", "")
        elif change.kind == "unknown branch":
            message = "whether this branch of `\\if` runs is not known; it was left out"
            self.opaque(
                file, change, message, "Give the source the value of the variable: placeholders: {NAME: …}"
            )
        elif change.name in ("c", "connect") and len(change.argument.split()) > 1:
            role = change.argument.split()[1]
            if role != "-":
                message = f"from here on `{role}` runs the statements, which is not followed"
                self.opaque(file, change, message, f"Write SET SESSION AUTHORIZATION {role};")

    def opaque(self, file: SourceFile, change: Edit, message: str, remedy: str) -> None:
        """Record that what a stretch of a file does can't be known."""
        span = file.span(
            change.start, min(change.end, max(file.text.find("\n", change.start), change.start + 1))
        )
        about = f"{change.kind} {change.name} in {file.path}"
        self.problems.append(Problem("statement-opaque", span, message, (), remedy, about))

    def not_sql(self, paths: Sequence[str], tool: str) -> None:
        """Record migrations that are no SQL: what they do is not known."""
        for path in paths:
            file = self.file(path)
            if file is not None:
                message = f"{path} is a migration of {tool} that is not SQL: what it does is not known"
                self.problems.append(Problem("statement-opaque", file.line_span(1), message))
