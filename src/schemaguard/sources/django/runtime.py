"""What the migrations of a project share while they are replayed: the machine, and Django's state of the models.

Importing this module loads Django.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db import connections
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.operations import RunPython
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import BigAutoField
from django.db.utils import NotSupportedError

from schemaguard.sources.alembic.interpreter.interpreter import Interpreter, deep_recursion
from schemaguard.sources.alembic.interpreter.values import (
    LimitExceeded,
    Module,
    Raised,
    Undecided,
    Unknown,
)
from schemaguard.sources.django.bridge import REFUSALS, WRITTEN, Framework
from schemaguard.sources.django.connection import Connection, Editor
from schemaguard.sources.django.stand_ins import DeclaredField, OpaqueOperation
from schemaguard.sources.migration import Unanswerable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.migrations.operations.base import Operation

    from schemaguard.sources.alembic.project import Project
    from schemaguard.sources.django.files import MigrationFile, Settings
    from schemaguard.sources.migration import Target
    from schemaguard.text import Span

_REFUSALS = (*REFUSALS, FieldDoesNotExist, NotSupportedError, IrreversibleError)


class Runtime:
    """Carries out the migrations of a plan, in any order that it is asked for."""

    def __init__(
        self, project: Project, own: Project, plan: Sequence[MigrationFile], models: Settings
    ) -> None:
        """Take the project, the installed Django as another, and the migrations in the order they are applied in."""
        _configure()
        self._plan = plan
        self._positions = {migration.key: position for position, migration in enumerate(plan)}
        self._settings = models
        self._machines = {False: Interpreter(project), True: Interpreter(own)}
        for machine in self._machines.values():
            machine.framework = Framework(machine, models.user_model)
        self._version = project.options.server_version
        self._operations: dict[int, list[Operation]] = {}
        self._before: list[Any] = [ProjectState()]
        self._unordered: set[str] = set()
        self._steps: tuple[int, list[Any]] | None = None
        self._rendered: tuple[int, Any] | None = None

    @property
    def auto_field(self) -> str:
        """The class of the keys that Django adds."""
        return self._settings.auto_field

    # States

    def _state_before(self, position: int) -> Any:  # noqa: ANN401 - Django's state
        """The models as they are before a migration; not rendered."""
        while len(self._before) <= position:
            migration = self._plan[len(self._before) - 1]
            state = self._before[-1].clone()
            for operation in self.operations(migration):
                _forward(operation, migration.key[0], state)
            self._before.append(state)
        return self._before[position].clone()

    def operations(self, migration: MigrationFile) -> list[Operation]:
        """The operations of a migration, as Django's own objects."""
        position = self._positions[migration.key]
        if position not in self._operations:
            self._operations[position] = list(self._read(migration))
        return self._operations[position]

    def _read(self, migration: MigrationFile) -> list[Operation]:
        machine = self._machines[migration.own]
        framework = machine.framework
        assert isinstance(framework, Framework)  # noqa: S101 - set when the machine was made
        try:
            with deep_recursion():
                module = machine.load(migration.module, migration.span, migration.module)
                if not isinstance(module, Module):
                    unknown = (
                        module if isinstance(module, Unknown) else Unknown(migration.module, migration.span)
                    )
                    return [_reported(unknown)]
                cls = machine.attribute(module, "Migration", migration.span)
                found = machine.attribute(cls, "operations", migration.span)
        except Raised as raised:
            return [_reported(Unknown(f"what follows {raised.describe()}", raised.span))]
        except LimitExceeded as limit:
            return [_reported(Unknown(limit.message, limit.span or migration.span))]
        except Undecided as undecided:
            return [_reported(undecided.unknown)]
        if isinstance(found, (list, tuple)):
            return [framework.operation(value, migration.span) for value in found]
        return [framework.operation(found, migration.span)]

    # Running

    def forwards(self, migration: MigrationFile, target: Target) -> None:
        """Apply a migration."""
        position = self._positions[migration.key]
        self._begin(target)
        app = migration.key[0]
        if self._rendered is not None and self._rendered[0] == position:
            state = self._rendered[1]
        else:
            state = self._state_before(position)
        editor = self._editor(target, migration.span)
        states = [state]
        for operation in self.operations(migration):
            after = state.clone()
            editor.place = getattr(operation, WRITTEN, migration.span)
            _forward(operation, app, after)
            self._presume_models(app, after, editor)
            states.append(after)
            if not (migration.own and isinstance(operation, RunPython)):
                _perform(operation.database_forwards, operation, (app, editor, state, after))
            state = after
        editor.place = migration.span
        _perform(editor.flush, None, ())
        self._rendered = (position + 1, state)
        self._steps = (position, states)

    def backwards(self, migration: MigrationFile, target: Target) -> None:
        """Take a migration back."""
        self._begin(target)
        app = migration.key[0]
        operations = self.operations(migration)
        states = self._states_of(migration)
        editor = self._editor(target, migration.span)
        for index in range(len(operations) - 1, -1, -1):
            operation = operations[index]
            editor.place = getattr(operation, WRITTEN, migration.span)
            if not operation.reversible:
                target.opaque(
                    editor.place, f"`{type(operation).__name__}` can't be undone, so `migrate` refuses"
                )
                return
            _perform(operation.database_backwards, operation, (app, editor, states[index + 1], states[index]))
        editor.place = migration.span
        _perform(editor.flush, None, ())

    def _states_of(self, migration: MigrationFile) -> list[Any]:
        """The models before the first operation of a migration, and after each."""
        position = self._positions[migration.key]
        if self._steps is not None and self._steps[0] == position:
            return self._steps[1]
        states = [self._state_before(position)]
        _rendered = states[0].apps  # once: the states after it go on from there
        for operation in self.operations(migration):
            states.append(states[-1].clone())
            _forward(operation, migration.key[0], states[-1])
        return states

    def _editor(self, target: Target, place: Span) -> Editor:
        connection = Connection(self._version, target)
        connections[connection.alias] = connection  # models ask for it by its name
        return Editor(connection, target, place, self._unordered)

    def _begin(self, target: Target) -> None:
        settings.AUTH_USER_MODEL = self._settings.user_model
        settings.DEFAULT_AUTO_FIELD = self._settings.auto_field
        for machine in self._machines.values():
            machine.reset(target)

    def _presume_models(self, app: str, state: Any, editor: Editor) -> None:  # noqa: ANN401 - Django's state
        """Models that an app refers to and that are not in the project: a table with a key is presumed for each."""
        missing = {}
        for model_key, model in list(state.models.items()):
            for field in model.fields.values() if model_key[0] == app else ():
                for wanted in _references(field, model_key):
                    if wanted not in state.models:
                        missing[wanted] = f"{'.'.join(model_key)}.{field.name or ''}".rstrip(".")
        for (label, name), field in missing.items():
            model = ModelState(label, name, [("id", BigAutoField(primary_key=True))])
            state.add_model(model)
            for earlier in self._before:
                earlier.models.setdefault((label, name), model)
            editor.target.opaque(
                editor.place,
                f"{field} refers to `{label}.{name}` of an app that is not in the project: "
                f"its table is taken to be {label}_{name}, with a key `id` of bigint",
                f"Name {label}'s folder of migrations under `django`, or declare its table under `external.tables`.",
            )


def _configure() -> None:
    """Set Django up with nothing but itself; where somebody has set it up already, that is left as it is."""
    if not settings.configured:
        settings.configure(USE_TZ=True, INSTALLED_APPS=[], DATABASES={})
        apps.populate([])


def _reported(unknown: Unknown) -> OpaqueOperation:
    operation = OpaqueOperation(unknown)
    setattr(operation, WRITTEN, unknown.span)
    return operation


def _forward(operation: Operation, app: str, state: Any) -> None:  # noqa: ANN401 - Django's state
    """Let an operation change the state; one that can't says so when it is carried out."""
    try:
        operation.state_forwards(app, state)
    except _REFUSALS as error:
        setattr(operation, _REFUSED, f"{type(error).__name__}: {_first_line(error)}")


_REFUSED = "schemaguard_refused"


def _perform(act: Any, operation: Operation | None, arguments: tuple[Any, ...]) -> None:  # noqa: ANN401 - a method
    """Carry out an operation; what Django refuses, or the catalog can't tell, is reported at its place."""
    editor = arguments[1] if arguments else act.__self__
    refused = getattr(operation, _REFUSED, "")
    doubt = _doubt(operation)
    if refused:
        editor.target.opaque(editor.place, f"Django refuses the operation: {refused}")
        return
    if doubt is not None:
        editor.target.opaque(editor.place, doubt.describe(), doubt.remedy)
        editor.target.begin_maybe(editor.place, doubt.describe())
    try:
        act(*arguments)
    except _REFUSALS as error:
        reason = f"{type(error).__name__}: {_first_line(error)}"
        editor.target.opaque(editor.place, f"Django refuses the operation: {reason}")
    except Unanswerable as error:
        editor.target.opaque(
            editor.place, f"the operation asks the server what the history can't tell: {error}"
        )
    except Undecided as undecided:
        editor.target.opaque(editor.place, undecided.unknown.describe(), undecided.unknown.remedy)
    finally:
        if doubt is not None:
            editor.target.end_maybe()


def _first_line(error: BaseException) -> str:
    return str(error).split("\n", 1)[0]


def _doubt(operation: Operation | None) -> Unknown | None:
    """Why the type of a column of an operation is a guess."""
    fields = [getattr(operation, "field", None), *(field for _name, field in getattr(operation, "fields", ()) or ()
              if not isinstance(field, str))] if operation is not None else []  # fmt: skip
    return next((field.doubt for field in fields if isinstance(field, DeclaredField)), None)


def _references(field: Any, model_key: tuple[str, str]) -> list[tuple[str, str]]:  # noqa: ANN401 - a field
    """The models that a field refers to."""
    remote = getattr(field, "remote_field", None)
    found = []
    for model in (getattr(remote, "model", None), getattr(remote, "through", None)):
        if not isinstance(model, str) or model == "self":
            continue
        app, _dot, name = model.rpartition(".")
        found.append((app or model_key[0], name.lower()))
    return found
