"""The session in which an application later runs what the history has defined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.settings import parse_path
from schemaguard.catalog.model import Role
from schemaguard.catalog.session import Session

if TYPE_CHECKING:
    from schemaguard.catalog.model import Function
    from schemaguard.catalog.state import Catalog

STRANGER = -1
"""Stands for a role that the catalog does not know."""


class RunTimeSession(Session):
    """A session of `caller` inside of a function: its owner is in force under SECURITY DEFINER, its search path is set.

    Names are found whoever it is that asks; `caller` may be the stranger.
    """

    def __init__(self, catalog: Catalog, function: Function, caller: int) -> None:
        """Take the function that runs and who calls it."""
        super().__init__(catalog, caller)
        self.role = function.owner if function.security_definer else caller
        self.search_path = parse_path(dict(function.config).get("search_path", "public"))

    @property
    def is_superuser(self) -> bool:
        """Whether the role in force is a superuser; the stranger is none."""
        record = self.catalog.objects.get(self.role)
        return isinstance(record, Role) and record.superuser

    def schema_oids(self) -> tuple[int, ...]:
        """The schemas of the search path that exist, in order."""
        found = (self.catalog.schemas.get(name) for name in self.search_path)
        return tuple(dict.fromkeys(oid for oid in found if oid is not None))

    def may_use(self, schema: int) -> bool:  # noqa: ARG002 - asked of every session
        """Names are found whoever asks."""
        return True
