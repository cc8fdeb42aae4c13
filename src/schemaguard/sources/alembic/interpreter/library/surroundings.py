"""What a revision asks of the process it runs in: environment variables and the like, unknown unless declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.sources.alembic.interpreter.tracked import written_at
from schemaguard.sources.alembic.interpreter.values import Native, Raised, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.sources.alembic.interpreter.calls import Call
    from schemaguard.sources.alembic.interpreter.machine import Machine
    from schemaguard.sources.alembic.interpreter.values import Value
    from schemaguard.text import Span


class Environment:
    """`os.environ`: the variables that the config declares; all others are unknown."""

    def __init__(self, variables: dict[str, str]) -> None:
        """Take the declared variables."""
        self.variables = variables

    def variable(self, name: Value, span: Span) -> Value:
        """The value of a variable."""
        if isinstance(name, Unknown):
            return name
        if isinstance(name, str) and name in self.variables:
            return written_at(self.variables[name], span)
        return Unknown(
            f"the environment variable {name}", span, f"Declare it under `environment` as `{name}: …`."
        )

    def interpreted_attribute(self, _machine: Machine, name: str, span: Span) -> Value:
        """The methods of the mapping."""
        if name in ("get", "pop", "setdefault"):
            return Native(
                f"os.environ.{name}", lambda call: self.variable(call.required(0, "key"), call.span)
            )
        if name in ("copy", "items", "keys", "values"):
            return Native(f"os.environ.{name}", lambda call: Unknown("the environment", call.span))
        if name in ("update", "putenv"):
            return Native(f"os.environ.{name}", lambda _call: None)
        raise Raised(AttributeError(f"'_Environ' object has no attribute '{name}'"), span)

    def interpreted_item(self, key: Value, span: Span) -> Value:
        """`os.environ[key]`."""
        return self.variable(key, span)

    def interpreted_contains(self, key: Value, span: Span) -> Value:
        """`key in os.environ`."""
        value = self.variable(key, span)
        return value if isinstance(value, Unknown) else True


def _get_variable(call: Call) -> Value:
    return Environment(dict(call.machine.options.environment)).variable(call.required(0, "key"), call.span)


FUNCTIONS: dict[str, Callable[[Call], Value]] = {"os.getenv": _get_variable, "os.environ.get": _get_variable}
