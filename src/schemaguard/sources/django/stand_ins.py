"""What stands in for code and values that are not read: they say so when their turn comes.

Importing this module loads Django.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.migrations.operations import RunPython
from django.db.migrations.operations.base import Operation
from django.db.models import Field

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.sources.alembic.interpreter.values import Unknown
    from schemaguard.sources.django.connection import Editor


class OpaqueOperation(Operation):  # type: ignore[misc]  # Django has no types
    """An operation that is not known: it reports that, forwards and backwards, and changes no state."""

    reversible = True
    reduces_to_sql = False

    def __init__(self, unknown: Unknown) -> None:
        """Take why it is not known."""
        self.unknown = unknown

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """As Django's operations have it: its constructor's arguments."""
        return (type(self).__name__, [], {"unknown": self.unknown})

    def state_forwards(self, app_label: str, state: Any) -> None:  # noqa: ANN401 - Django's state
        """Change nothing."""

    def database_forwards(self, _app: str, editor: Editor, _before: Any, _after: Any) -> None:  # noqa: ANN401 - as above
        """Report it."""
        editor.target.opaque(editor.place, self.unknown.describe(), self.unknown.remedy)

    def database_backwards(self, app: str, editor: Editor, before: Any, after: Any) -> None:  # noqa: ANN401 - as above
        """Report it."""
        self.database_forwards(app, editor, before, after)


def unread_code(code: Any, name: str = "") -> Callable[[Any, Editor], None]:  # noqa: ANN401 - a function or a marker
    """What `RunPython` runs in place of the project's code: a report that it is not run."""
    if code is RunPython.noop:
        return RunPython.noop  # type: ignore[no-any-return]  # Django has no types

    def report(_apps: Any, editor: Editor) -> None:  # noqa: ANN401 - Django's registry of models
        what = f"`{name}`" if name else "it"
        editor.target.opaque(
            editor.place,
            f"RunPython runs {what} when the migration is applied: what it does is not known before",
            "If it changes rows only, say so: `# schemaguard: allow statement-opaque: …`.",
        )

    return report


class DeclaredField(Field):  # type: ignore[misc]  # Django has no types
    """A column of which only the SQL of its type is known; `doubt` says why that is a guess, if it is one."""

    def __init__(self, sql: str = "text", doubt: Unknown | None = None, **options: Any) -> None:
        """Take the type as SQL writes it."""
        super().__init__(**options)
        self.sql = sql
        self.doubt = doubt

    def db_type(self, connection: Any) -> str:  # noqa: ANN401 - Django's connection
        """The type as SQL writes it."""
        del connection
        return str(self.sql)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """As Django's fields have it: its constructor's arguments."""
        name, path, _arguments, options = super().deconstruct()
        return name, path, [self.sql, self.doubt], options
