"""What names mean inside a query, and the rows that they stand for while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from schemaguard.catalog.errors import UNDEFINED_COLUMN, UNDEFINED_TABLE, Refused
from schemaguard.plpgsql.values.kinds import Record, Unknown, Value
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from schemaguard.plpgsql.context import Context
    from schemaguard.statements.statement import Node

    Getter = Callable[["Env"], Value]

AMBIGUOUS_COLUMN = "42702"


class Env:
    """The rows at hand while a query level is evaluated: one for each of its FROM items, None where null-extended.

    `aggregates`, `windows` and `sets` hold the values of the aggregates, window functions and set-returning functions
    of the level, in the order in which its scope lists them. `cache` keeps what holds for one run of the level.
    """

    __slots__ = ("aggregates", "cache", "outer", "rows", "sets", "windows")

    def __init__(
        self, rows: list[Any], outer: Env | None = None, cache: dict[Any, Any] | None = None
    ) -> None:
        """Begin with `rows` inside of `outer`."""
        self.rows = rows
        self.outer = outer
        self.cache = {} if cache is None else cache
        self.aggregates: list[Value] = []
        self.windows: list[Value] = []
        self.sets: list[Value] = []


EMPTY = Env([])


class Variables(Protocol):
    """What names mean that are no columns: PL/pgSQL's variables, or the parameters of a SQL function."""

    def find(self, names: list[str]) -> Callable[[], Value] | None:
        """What the dotted name stands for, or None."""

    def parameter(self, number: int) -> Callable[[], Value] | None:
        """What `$number` stands for, or None."""


class NoVariables:
    """No names but columns."""

    def find(self, names: list[str]) -> Callable[[], Value] | None:  # noqa: ARG002 - the protocol's
        """Nothing."""
        return None

    def parameter(self, number: int) -> Callable[[], Value] | None:  # noqa: ARG002 - the protocol's
        """Nothing."""
        return None


SYSTEM_COLUMNS = frozenset(("tableoid", "cmax", "xmax", "cmin", "xmin", "ctid"))


class Entry:
    """One item of FROM: its alias, its columns as functions of its row, and where its rows come from.

    `rows(env)` gives them; `lookups` maps a column to a function that gives the rows with a value in it directly.
    `unknown` is the reason why not all of its columns are known by name, or "".
    """

    __slots__ = ("columns", "doubt", "lookups", "missing", "name", "rows", "schema", "unknown")

    def __init__(
        self,
        name: str,
        columns: dict[str, Callable[[Any], Value]],
        rows: Callable[[Env], Iterable[Any]],
        *,
        lookups: Mapping[str, Callable[[Value], Iterable[Any]]] | None = None,
        schema: str = "",
        unknown: str = "",
    ) -> None:
        """Take what the class says."""
        self.name = name
        self.columns = columns
        self.rows = rows
        self.lookups = lookups or {}
        self.schema = schema
        self.unknown = unknown
        self.doubt: Callable[[Any], str] | None = None
        """Why a row is perhaps not there, "" where it is."""
        self.missing: Callable[[Value], None] | None = None
        """Raises Unanswerable where a row that is looked for is perhaps there and not among the rows."""


class Scope:
    """The names of one query level, inside of those of the level around it."""

    def __init__(
        self, context: Context, parent: Scope | None = None, variables: Variables | None = None
    ) -> None:
        """Begin with no FROM items."""
        self.context = context
        self.parent = parent
        self.variables: Variables = variables or (parent.variables if parent else NoVariables())
        self.entries: list[Entry] = []
        self.merged: dict[str, Getter] = {}
        self.ctes: dict[str, Any] = {}
        self.aggregates: list[Any] = []
        self.windows: list[Any] = []
        self.sets: list[Any] = []
        self.window_definitions: dict[str, Node] = {}
        self.used: set[int] | None = None

    def add(self, entry: Entry) -> int:
        """Add a FROM item: its index.

        Raises:
            Refused: its name is taken.
        """
        if entry.name and any(other.name == entry.name for other in self.entries):
            raise Refused("42712", f'table name "{entry.name}" specified more than once')
        self.entries.append(entry)
        return len(self.entries) - 1

    def cte(self, name: str) -> Any:  # noqa: ANN401 - a CTE's definition, or None
        """The WITH query of that name in this level or around it."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.ctes:
                return scope.ctes[name]
            scope = scope.parent
        return None

    def resolve(self, names: list[str]) -> Getter:
        """What a column reference stands for.

        Raises:
            Refused: nothing of that name, or more than one thing.
        """
        found = self._columns(names)
        if found is not None:
            return found
        if (variable := self.variables.find(names)) is not None:
            return lambda _env: variable()
        raise self._missing(names)

    def _columns(self, names: list[str]) -> Getter | None:
        """A column (or row) of this level or one around it; notes which FROM items of this level are used."""
        scope: Scope | None = self
        level = 0
        while scope is not None:
            found = scope.local(names)
            if found is not None:
                return _at_level(found, level)
            scope = scope.parent
            level += 1
        return None

    def local(self, names: list[str]) -> Getter | None:
        """A column, a field of one, or a whole row, of this level's own FROM items."""
        if len(names) == 1:
            [name] = names
            if name in self.merged:
                self._note(*range(len(self.entries)))
                return self.merged[name]
            owners = [at for at, entry in enumerate(self.entries) if name in entry.columns]
            if len(owners) > 1:
                raise Refused(AMBIGUOUS_COLUMN, f'column reference "{name}" is ambiguous')
            if owners:
                return self.column(owners[0], name)
            for at, entry in enumerate(self.entries):
                if entry.name == name:
                    return self._whole_row(at)
            open_entry = next((at for at, entry in enumerate(self.entries) if entry.unknown), None)
            if open_entry is not None and self.variables.find(names) is None:
                return self.column(open_entry, name)
            return None
        for at, entry in enumerate(self.entries):
            if entry.name == names[0] and (names[1] in entry.columns or entry.unknown):
                return _field(self.column(at, names[1]), names[2:])
            if (
                len(names) > 2
                and entry.schema == names[0]
                and entry.name == names[1]
                and names[2] in entry.columns
            ):
                return _field(self.column(at, names[2]), names[3:])
        return None

    def column(self, at: int, name: str) -> Getter:
        """The column of a FROM item."""
        self._note(at)
        entry = self.entries[at]
        get = entry.columns.get(name)
        if get is None:
            value = Unknown(entry.unknown)
            return lambda _env: value

        def column(env: Env) -> Value:
            row = env.rows[at]
            return None if row is None else get(row)

        return column

    def _whole_row(self, at: int) -> Getter:
        self._note(at)
        columns = self.entries[at].columns
        names = tuple(columns)
        if len(names) == 1 and self.entries[at].lookups.get("") is not None:
            return self.column(at, names[0])

        def row(env: Env) -> Value:
            found = env.rows[at]
            return None if found is None else Record(names, tuple(get(found) for get in columns.values()))

        return row

    def _note(self, *indexes: int) -> None:
        if self.used is not None:
            self.used.update(indexes)

    def _missing(self, names: list[str]) -> Exception:
        if names[-1] in SYSTEM_COLUMNS:
            return Unanswerable(f"the system column `{names[-1]}` is known only to the database")
        if len(names) == 1:
            return Refused(UNDEFINED_COLUMN, f'column "{names[0]}" does not exist')
        scope: Scope | None = self
        while scope is not None:
            if any(entry.name == names[-2] for entry in scope.entries):
                return Refused(UNDEFINED_COLUMN, f"column {'.'.join(names[-2:])} does not exist")
            scope = scope.parent
        return Refused(UNDEFINED_TABLE, f'missing FROM-clause entry for table "{names[-2]}"')


def _at_level(get: Getter, level: int) -> Getter:
    if level == 0:
        return get
    if level == 1:
        return lambda env: get(env.outer)  # type: ignore[arg-type]  # a query inside of another has an outer one

    def outer(env: Env) -> Value:
        for _ in range(level):
            env = env.outer  # type: ignore[assignment]  # as above
        return get(env)

    return outer


def _field(get: Getter, fields: list[str]) -> Getter:
    if not fields:
        return get
    return lambda env: field_of(get(env), fields)


def field_of(value: Value, fields: list[str]) -> Value:
    """A field of a composite value.

    Raises:
        Refused: it has none of that name.
    """
    for name in fields:
        if value is None or isinstance(value, Unknown):
            return value
        if not isinstance(value, Record) or name not in value.names:
            raise Refused(UNDEFINED_COLUMN, f'record has no field "{name}"')
        value = value.values[value.names.index(name)]
    return value
