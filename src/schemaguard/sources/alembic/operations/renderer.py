"""`op.create_table(…)` and its like, rendered by Alembic's own operations."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.util.exc import CommandError
from sqlalchemy import Column, MetaData, Table
from sqlalchemy.exc import SQLAlchemyError

from schemaguard.sources.alembic.interpreter.elements import plain
from schemaguard.sources.alembic.interpreter.library.managers import Managed
from schemaguard.sources.alembic.interpreter.values import Native, Raised, Undecided, Unknown, unknown_in
from schemaguard.sources.alembic.operations.dialect import NamedType, place_of, render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemaguard.sources.alembic.interpreter.calls import Call
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.sources.alembic.operations.bridge import SqlAlchemy
    from schemaguard.text import Span

_WITHOUT_EFFECT = frozenset(
    [
        "existing_type",
        "existing_server_default",
        "existing_nullable",
        "existing_comment",
        "existing_autoincrement",
        "info",
    ]
)
"""Arguments that PostgreSQL's DDL does not depend on."""


class Renderer:
    """Calls Alembic's operations on a context that collects what it would execute."""

    def __init__(self, library: SqlAlchemy) -> None:
        """Render for the machine of `library`."""
        self.library = library
        self.machine = library.machine
        self._constructs: list[Any] = []
        self._operations: Operations | None = None

    @property
    def operations(self) -> Operations:
        """Alembic's operations, offline."""
        if self._operations is None:
            convention = self.machine.naming_convention()
            metadata = MetaData(naming_convention=dict(convention)) if convention else MetaData()
            options = {
                "as_sql": True,
                "literal_binds": True,
                "target_metadata": metadata,
                "output_buffer": _Nowhere(),
            }
            context = MigrationContext.configure(dialect=self.library.dialect, opts=options)
            context.impl._exec = self._keep  # type: ignore[method-assign]  # noqa: SLF001 - the one door all DDL goes through
            self._operations = Operations(context)
        return self._operations

    def _keep(self, construct: Any, *_arguments: Any, **_options: Any) -> None:  # noqa: ANN401 - any construct
        self._constructs.append(construct)

    def perform(self, name: str, call: Call) -> Value:
        """Call `op.name(…)`.

        Raises:
            Raised: Alembic or SQLAlchemy refuses the arguments.
        """
        if name == "batch_alter_table":
            return self._batch(call)
        if name == "bulk_insert":
            return self._bulk_insert(call)
        if name in (
            "get_bind",
            "get_context",
            "run_async",
            "inline_literal",
            "implementation_for",
            "register_operation",
        ):
            return self._other(name, call)
        method = getattr(self.operations, name, None)
        if method is None or name.startswith("_"):
            self.machine.target.opaque(
                call.span,
                f"`op.{name}` is not an operation of Alembic, and nothing in the project defines it",
                f"Declare the SQL that it sends under `operations` as `{name}: …`.",
            )
            return None
        return self._render(method, call)

    def _other(self, name: str, call: Call) -> Value:
        if name == "inline_literal":
            return call.required(0)
        return Unknown(f"`op.{name}`", call.span)

    def _render(self, method: Callable[..., Any], call: Call) -> Value:
        try:
            arguments, keywords, doubt = self._arguments(method, call)
        except Undecided as undecided:
            self._report(undecided.unknown, call)
            return undecided.unknown
        outer, self._constructs = self._constructs, []
        try:
            result: Value = method(*arguments, **keywords)
            constructs = self._constructs
        except (
            SQLAlchemyError,
            CommandError,
            TypeError,
            NotImplementedError,
            AttributeError,
            ValueError,
        ) as error:
            raise Raised(
                ValueError(f"{type(error).__name__}: {str(error).splitlines()[0]}"), call.span
            ) from error
        finally:
            self._constructs = outer
        if doubt is not None:
            self.machine.target.begin_maybe(doubt.span, doubt.describe())
        for construct in constructs:
            self.send(construct, call.span)
        if doubt is not None:
            self.machine.target.end_maybe()
        return result

    def send(self, construct: Any, span: Span) -> None:  # noqa: ANN401 - any construct
        """Send a construct to the target: its parts map to where they were written, the rest to the operation."""
        place = place_of(getattr(construct, "column", None)) or place_of(getattr(construct, "element", None))
        whole = place if place is not None and place.file is span.file else span
        try:
            sql = render(construct, self.library.dialect, whole)
        except SQLAlchemyError as error:
            raise Raised(ValueError(str(error).splitlines()[0]), span) from error
        self.machine.before_statement()
        self.machine.target.execute(sql)

    def _report(self, unknown: Unknown, call: Call) -> None:
        self.machine.target.opaque(call.span, unknown.describe(), unknown.remedy)

    def _arguments(
        self, method: Callable[..., Any], call: Call
    ) -> tuple[list[Any], dict[str, Any], Unknown | None]:
        """The arguments of an operation as Alembic takes them, and the first doubt about any of its columns.

        Raises:
            Undecided: an argument that matters is not known.
        """
        doubts: list[Unknown] = []
        names = list(inspect.signature(method).parameters)
        arguments = []
        for position, value in enumerate(call.arguments):
            name = names[position] if position < len(names) else ""
            arguments.append(self._argument(name, value, call, doubts))
        keywords = {
            name: self._argument(name, value, call, doubts)
            for name, value in call.keywords.items()
            if name not in _WITHOUT_EFFECT or unknown_in(value) is None
        }
        return arguments, keywords, doubts[0] if doubts else None

    def _argument(self, name: str, value: Value, call: Call, doubts: list[Unknown]) -> Any:  # noqa: ANN401 - any
        from schemaguard.sources.alembic.operations.bridge import UNKNOWN

        if isinstance(value, Column) and isinstance(unknown := value.info.get(UNKNOWN), Unknown):
            doubts.append(unknown)
        if name in ("type_", "existing_type"):
            try:
                return self.library.converter.host(value, call.span)
            except Undecided as undecided:
                if name == "type_":
                    doubts.append(undecided.unknown)
                return NamedType("text")
        return self.library.converter.host(value, call.span)

    # Batches and rows

    def _batch(self, call: Call) -> Value:
        """`op.batch_alter_table(table)`: on PostgreSQL a way to write the table's name only once."""
        if (
            unknown := unknown_in(
                call.arguments[:1], call.keywords.get("table_name"), call.keywords.get("schema")
            )
        ) is not None:
            self._report(unknown, call)
            return Managed(unknown)
        table = str(plain(call.required(0, "table_name")))
        schema = plain(call.argument(1, "schema"))
        return Managed(Batch(self, table, None if schema is None else str(schema)))

    def batch_operation(self, batch: Batch, name: str, call: Call) -> Value:
        """An operation of a batch, at once: a batch sends what it was given in that order."""
        if name == "execute":
            from schemaguard.sources.alembic.interpreter.library.alembic_operations import FUNCTIONS_OF_OP

            return FUNCTIONS_OF_OP["execute"](call)
        if not hasattr(self.operations, name) and name != "create_exclude_constraint":
            return self.perform(name, call)

        def method(*arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401 - as the operation has them
            with self.operations.batch_alter_table(
                batch.table, schema=batch.schema, recreate="never"
            ) as real:
                return getattr(real, name)(*arguments, **keywords)

        return self._render(method, call)

    def _bulk_insert(self, call: Call) -> Value:
        """`op.bulk_insert(table, rows)`: one INSERT for each row."""
        table, rows = call.required(0, "table"), call.required(1, "rows")
        unknown = table if isinstance(table, Unknown) else rows if isinstance(rows, Unknown) else None
        if unknown is not None:
            self._report(unknown, call)
            return None
        real: Any = self.library.converter.host(table, call.span)
        if not isinstance(rows, (list, tuple)) or (
            not isinstance(real, Table) and not hasattr(real, "insert")
        ):
            raise Raised(TypeError("List expected"), call.span)
        for row in _dictionaries(rows):
            values = {str(name): self.library._literal(value, call.span) for name, value in row.items()}  # noqa: SLF001
            self.send(real.insert().inline().values(**values), call.span)
        return None


def _dictionaries(rows: list[Value] | tuple[Value, ...]) -> Iterator[dict[Value, Value]]:
    for row in rows:
        known = plain(row)
        if isinstance(known, dict):
            yield known


class Batch:
    """What `with op.batch_alter_table(…) as batch_op` names."""

    def __init__(self, renderer: Renderer, table: str, schema: str | None) -> None:
        """Take the table."""
        self.renderer = renderer
        self.table = table
        self.schema = schema

    def interpreted_attribute(self, machine: Machine, name: str, _span: Span) -> Value:
        """An operation on the table."""
        if name == "f":
            from schemaguard.sources.alembic.interpreter.library.alembic_operations import FUNCTIONS_OF_OP

            return Native("batch_op.f", FUNCTIONS_OF_OP["f"])
        del machine
        return Native(f"batch_op.{name}", lambda call: self.renderer.batch_operation(self, name, call))


class _Nowhere:
    """An output buffer: everything goes through `_exec` instead."""

    def write(self, _text: str) -> None:
        """Drop text."""

    def flush(self) -> None:
        """Do nothing."""
