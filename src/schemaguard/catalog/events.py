"""What statements did that the final state no longer shows: the part of the history that rules ask about."""

from __future__ import annotations

import msgspec

from schemaguard.statements.statement import Origin


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all events. `because` is the statement, or the part of it, that did it."""

    because: Origin


class RowsChanged(Event, frozen=True, kw_only=True):
    """INSERT, UPDATE, DELETE, MERGE, TRUNCATE or COPY on a relation.

    `command` in lower case; `literal`: an INSERT of literal rows only. `role` runs it; `settings` are the custom
    settings in force (name to value), `forced` whether row security bound this role on the table then.
    """

    relation: int
    command: str
    role: int
    literal: bool = False
    forced: bool = False
    settings: tuple[tuple[str, str], ...] = ()
    columns: tuple[int, ...] = ()


class Dropped(Event, frozen=True, kw_only=True):
    """An object (or with `sub` a column) went away; `cascade`: not named by the statement, but dependent on what was.

    `record` is what it was; `owner` the table of a policy, constraint, index, trigger or column, else 0; `born` the
    statement that made it.
    """

    record: object
    name: str
    owner: int = 0
    sub: int = 0
    cascade: bool = False
    born: Origin | None = None


class TypeChanged(Event, frozen=True, kw_only=True):
    """ALTER COLUMN … TYPE. `name`: `table.column`; `old` and `new` as `format_type` spells them.

    `narrowing`: values may be lost or refused.
    """

    table: int
    column: int
    name: str
    old: str
    new: str
    narrowing: bool
    born: Origin | None = None


class Revoked(Event, frozen=True, kw_only=True):
    """A REVOKE of one privilege on one object from one grantee; `removed` says whether there was an entry to remove.

    `objtype` as DefaultAcl has it, and `default`: it was ALTER DEFAULT PRIVILEGES (in `schema`, 0 for global).
    """

    object: int
    column: int
    grantee: int
    privilege: str
    removed: bool
    default: bool = False
    objtype: str = ""
    schema: int = 0


class OptionsReset(Event, frozen=True, kw_only=True):
    """CREATE OR REPLACE took an option away by not repeating it: `security_invoker`, SECURITY DEFINER, a SET clause."""

    object: int
    option: str
    old: str
    had_because: Origin | None = None


class ExternalUsed(Event, frozen=True, kw_only=True):
    """Something was used that the history never created and the config does not declare, and is presumed to exist."""

    kind: str
    name: str


class PasswordSet(Event, frozen=True, kw_only=True):
    """A password literal in CREATE or ALTER ROLE, a user mapping, or a connection string."""

    where: str
