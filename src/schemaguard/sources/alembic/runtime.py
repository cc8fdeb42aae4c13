"""What the revisions of a source share while they are interpreted, as they share a process when Alembic runs them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from schemaguard.sources.alembic.environment import read_environment
from schemaguard.sources.alembic.interpreter.calls import Call
from schemaguard.sources.alembic.interpreter.interpreter import Interpreter, deep_recursion
from schemaguard.sources.alembic.interpreter.library.alembic_context import module_name, revision_module
from schemaguard.sources.alembic.interpreter.values import LimitExceeded, Raised, Undecided

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from schemaguard.sources.alembic.environment import Environment
    from schemaguard.sources.alembic.project import Project
    from schemaguard.sources.alembic.revisions import Revision
    from schemaguard.sources.migration import Target


class Runtime:
    """The environment of a source and the machine that runs its revisions; modules of the project are read once."""

    def __init__(self, project: Project, scripts: PurePosixPath) -> None:
        """Take the project and the folder that holds `env.py`; nothing is read yet."""
        self._project = project
        self._scripts = scripts

    @cached_property
    def environment(self) -> Environment:
        """What `env.py` says."""
        return read_environment(self._project, self._scripts)

    @cached_property
    def _machine(self) -> Interpreter:
        self._project.naming_convention = self.environment.naming_convention
        return Interpreter(self._project)

    def run(self, revision: Revision, program: str, target: Target) -> None:
        """Interpret `upgrade()` or `downgrade()` of a revision against `target`; what stops it is reported there."""
        machine = self._machine
        machine.reset(target)
        place = revision.span()
        with deep_recursion():
            try:
                function = machine.attribute(revision_module(machine, revision), program, place)
                machine.call(function, Call(machine, [], {}, place))
            except Raised as raised:
                target.opaque(raised.span, f"{raised.describe()}: what follows is not read")
            except LimitExceeded as limit:
                target.opaque(limit.span or place, f"{limit.message}: what follows is not read")
            except Undecided as undecided:
                target.opaque(undecided.unknown.span, undecided.unknown.describe(), undecided.unknown.remedy)
            except RecursionError:
                target.opaque(place, "the revision is nested too deeply to be read")
        machine.modules.pop(module_name(revision), None)
