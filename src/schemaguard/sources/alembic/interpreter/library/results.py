"""Results of queries, as SQLAlchemy 1.4 and 2 give them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.sources.alembic.interpreter.values import Native, Raised, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from schemaguard.sources.alembic.interpreter.calls import Call
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span


class Row(tuple):  # type: ignore[type-arg]  # noqa: SLOT001 - it needs its columns
    """A row: a tuple whose items also go by column name."""

    columns: Sequence[str]

    @classmethod
    def of(cls, values: Sequence[Any], columns: Sequence[str]) -> Row:
        """Make a row of values."""
        row = cls(values)
        row.columns = columns
        return row

    def mapping(self) -> dict[str, Any]:
        """The row as a mapping by column name."""
        return dict(zip(self.columns, self, strict=False))

    def interpreted_attribute(self, _machine: Machine | None, name: str, span: Span) -> Value:
        """A column, or one of the tuple's and row's own methods."""
        if name in self.columns:
            value: Value = self[list(self.columns).index(name)]
            return value
        if name == "_mapping":
            return self.mapping()
        if name == "_asdict":
            return Native("Row._asdict", lambda _call: self.mapping())
        if name == "_fields":
            return tuple(self.columns)
        if name in ("keys", "items", "values", "get"):
            mapping = self.mapping()
            return Native(f"Row.{name}", lambda call: getattr(mapping, name)(*call.arguments))
        if name in ("count", "index"):
            return Native(f"Row.{name}", lambda call: getattr(tuple(self), name)(*call.arguments))
        raise Raised(AttributeError(f"Could not locate column in row for column '{name}'"), span)

    def interpreted_item(self, key: Value, span: Span) -> Value:
        """An item by position, slice or (as SQLAlchemy 1 allowed) by column name."""
        if isinstance(key, str):
            return self.interpreted_attribute(None, key, span)
        value: Value = tuple(self)[key]  # type: ignore[call-overload]  # a wrong key raises what Python raises
        return value


class Result:
    """What executing a statement returns: rows, or why they are not known. They are asked for when first needed."""

    def __init__(self, fetch: Callable[[], tuple[Sequence[str], Sequence[Sequence[Any]]] | Unknown]) -> None:
        """Take what gets columns and rows."""
        self._fetch = fetch
        self._loaded: list[Any] | Unknown | None = None
        self._columns: Sequence[str] = ()
        self._shape: Callable[[Row], Value] = _as_row

    def load(self) -> None:
        """Get the rows now: the database is about to change."""
        if self._loaded is not None:
            return
        fetched = self._fetch()
        if isinstance(fetched, Unknown):
            self._loaded = fetched
        else:
            self._columns = fetched[0]
            self._loaded = [Row.of(row, fetched[0]) for row in fetched[1]]

    def rows(self) -> list[Any] | Unknown:
        """The rows that have not been taken."""
        self.load()
        loaded = self._loaded if self._loaded is not None else []
        return loaded if isinstance(loaded, Unknown) else [self._shape(row) for row in loaded]

    def take_all(self) -> Value:
        """The remaining rows."""
        rows = self.rows()
        if not isinstance(rows, Unknown):
            self._loaded = []
        return rows

    def __iter__(self) -> Iterator[Value]:
        """The remaining rows, one by one."""
        from schemaguard.sources.alembic.interpreter.values import Undecided

        rows = self.take_all()
        if isinstance(rows, Unknown):
            raise Undecided(rows)
        return iter(rows)  # type: ignore[call-overload,no-any-return]  # a list

    def interpreted_attribute(self, _machine: Machine, name: str, span: Span) -> Value:
        """The methods of a result."""
        if name in ("rowcount", "lastrowid", "inserted_primary_key", "is_insert"):
            return Unknown(f"`{name}`, which only the server knows", span)
        if name == "returns_rows":
            return True
        method = _METHODS.get(name)
        if method is None:
            raise Raised(
                AttributeError(f"'CursorResult' object has no attribute '{name}' that is interpreted"), span
            )
        return Native(f"Result.{name}", lambda call: method(self, call))

    def shaped(self, shape: Callable[[Row], Value]) -> Result:
        """The same rows in another shape."""
        self.load()
        other = Result(self._fetch)
        other._loaded, other._columns, other._shape = self._loaded, self._columns, shape
        return other

    def columns(self) -> Sequence[str] | Unknown:
        """The column names."""
        self.load()
        return self._loaded if isinstance(self._loaded, Unknown) else self._columns


def _as_row(row: Row) -> Value:
    return row


def _all(result: Result, _call: Call) -> Value:
    return result.take_all()


def _first(result: Result, _call: Call) -> Value:
    rows = result.take_all()
    return rows if isinstance(rows, Unknown) else rows[0] if rows else None  # type: ignore[index]  # a list


def _next(result: Result, _call: Call) -> Value:
    rows = result.rows()
    if isinstance(rows, Unknown):
        return rows
    if not rows:
        return None
    result._loaded = result._loaded[1:] if isinstance(result._loaded, list) else result._loaded  # noqa: SLF001 - this module's
    return rows[0]


def _many(result: Result, call: Call) -> Value:
    size = call.argument(0, "size", 1)
    taken = []
    for _ in range(size if isinstance(size, int) else 1):
        row = _next(result, call)
        if isinstance(row, Unknown):
            return row
        if row is None:
            break
        taken.append(row)
    return taken


def _scalar(result: Result, call: Call) -> Value:
    row = _first(result, call)
    if isinstance(row, Unknown) or row is None:
        return row
    return row[0] if isinstance(row, Row) else row


def _one(result: Result, call: Call) -> Value:
    rows = result.take_all()
    if isinstance(rows, Unknown):
        return rows
    if len(rows) != 1:  # type: ignore[arg-type]  # a list
        raise Raised(LookupError("No row was found when one was required"), call.span)
    return rows[0]  # type: ignore[index]  # a list


def _scalar_one(result: Result, call: Call) -> Value:
    row = _one(result, call)
    return row[0] if isinstance(row, Row) else row


def _scalars(result: Result, call: Call) -> Value:
    index = call.argument(0, "index", 0)
    position = index if isinstance(index, int) else 0
    return result.shaped(
        lambda row: row.interpreted_item(index, call.span) if isinstance(index, str) else row[position]
    )


def _mappings(result: Result, _call: Call) -> Value:
    return result.shaped(lambda row: row.mapping())


def _columns(result: Result, call: Call) -> Value:
    """`columns(*positions_or_names)`: rows of these columns only."""
    wanted = list(call.arguments)

    def shape(row: Row) -> Value:
        values = [row.interpreted_item(key, call.span) for key in wanted]
        return Row.of(values, [str(key) for key in wanted])

    return result.shaped(shape)


def _partitions(result: Result, call: Call) -> Value:
    """`partitions(size)`: the remaining rows in lists of that length."""
    size = call.argument(0, "size")
    rows = result.take_all()
    if not isinstance(rows, list):
        return rows
    step = size if isinstance(size, int) and size > 0 else max(len(rows), 1)
    return iter([rows[at : at + step] for at in range(0, len(rows), step)])


def _keys(result: Result, _call: Call) -> Value:
    columns = result.columns()
    return columns if isinstance(columns, Unknown) else list(columns)


def _itself(result: Result, _call: Call) -> Value:
    return result


def _nothing(_result: Result, _call: Call) -> Value:
    return None


_METHODS: dict[str, Callable[[Result, Call], Value]] = {
    "fetchall": _all, "all": _all, "first": _first, "fetchone": _next, "fetchmany": _many, "one": _one,
    "one_or_none": _first, "scalar": _scalar, "scalar_one": _scalar_one, "scalar_one_or_none": _scalar,
    "scalars": _scalars, "mappings": _mappings, "keys": _keys, "unique": _itself, "tuples": _itself,
    "yield_per": _itself, "close": _nothing, "columns": _columns,
    "partitions": _partitions,
}  # fmt: skip
