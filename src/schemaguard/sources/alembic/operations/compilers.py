"""The compiler that a function of the project under `@compiles` is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.library.execution import sql_of
from schemaguard.sources.alembic.interpreter.values import Native, Unknown

if TYPE_CHECKING:
    from schemaguard.sources.alembic.interpreter.calls import Call
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.sources.alembic.operations.dialect import OfflineDialect
    from schemaguard.text import Span


class CompilerProxy:
    """The compiler that a function under `@compiles` is given."""

    def __init__(self, machine: Machine, dialect: OfflineDialect) -> None:
        """Take what renders statements, and what quotes names."""
        self.machine = machine
        self.dialect = dialect

    def interpreted_attribute(self, _machine: Machine, name: str, span: Span) -> Value:
        """Rendering and quoting."""
        if name in ("sql_compiler", "preparer", "dialect", "ddl_compiler", "type_compiler"):
            return self
        if name == "name":
            return "postgresql"
        if name in ("process", "render_literal_value"):
            return Native(name, self._process)
        if name.startswith(("format_", "quote", "visit_")):
            return Native(name, self._quote)
        return Unknown("", span)

    def _process(self, call: Call) -> Value:
        value = call.required(0)
        if isinstance(value, (str, Unknown)):
            return value
        return sql_of(self.machine, value, None, call.span)

    def _quote(self, call: Call) -> Value:
        value = call.required(0)
        if isinstance(value, Unknown):
            return value
        name = value if isinstance(value, str) else getattr(value, "name", str(value))
        return self.dialect.identifier_preparer.quote(str(name))
