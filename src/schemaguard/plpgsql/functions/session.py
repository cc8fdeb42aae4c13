"""Functions that say who runs the migration, where and with which settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.errors import UNDEFINED_OBJECT, Refused
from schemaguard.catalog.model import Role
from schemaguard.catalog.names import quote_identifier
from schemaguard.catalog.state import PG_CATALOG
from schemaguard.plpgsql.values.kinds import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.plpgsql.context import Context

NOBODY = "(some other role)"
"""What stands for the name of a role that the catalog does not have."""

# Settings that have the same value on any server of the configured version.
_FIXED = {
    "standard_conforming_strings": "on",
    "server_encoding": "UTF8",
    "client_encoding": "UTF8",
    "session_replication_role": "origin",
    "row_security": "on",
    "check_function_bodies": "on",
    "block_size": "8192",
}


def current_setting(context: Context, name: str, missing_ok: bool = False) -> Value:
    """`current_setting`: what the session has set, and what is the same on every server."""
    session, key = context.session, name.lower()
    if context.at_run_time:
        return Unknown(f"the setting `{name}` is known only when it runs")
    if key in session.settings:
        return session.settings[key]
    if key == "search_path":
        return ", ".join(
            part if part.startswith('"') else quote_identifier(part) for part in session.search_path
        )
    if key == "role":
        return "none" if session.role == session.session_user else _role_name(context, session.role)
    if key == "is_superuser":
        return "on" if session.is_superuser else "off"
    if key == "session_authorization":
        return _role_name(context, session.session_user)
    if key == "server_version_num":
        return str(context.catalog.version * 10000)
    if key in _FIXED:
        return _FIXED[key]
    if "." not in key:
        return Unknown(f"the setting `{name}` is known only on the server")
    if missing_ok:
        return None
    raise Refused(UNDEFINED_OBJECT, f'unrecognized configuration parameter "{name}"')


def _set_config(context: Context, name: Value, value: Value, local: Value) -> Value:
    """Changes the session, as the server does while it evaluates the call."""
    from schemaguard.catalog.commands.settings import set_config
    from schemaguard.plpgsql.statements import surrogate_run

    set_config(surrogate_run(context.session), str(name), value, local=bool(local))
    return value or ""


def _role_name(context: Context, oid: int) -> str:
    record = context.catalog.objects.get(oid)
    return record.name if isinstance(record, Role) else NOBODY


def _schemas(context: Context, *, implicit: bool) -> list[str]:
    session = context.session
    oids = session.schema_oids()
    if implicit and PG_CATALOG not in oids:
        oids = (PG_CATALOG, *oids)
    return [context.catalog.schema_name(oid) for oid in oids]


def _current_schema(context: Context) -> Value:
    found = _schemas(context, implicit=False)
    return found[0] if found else None


STRICT: dict[str, Callable[..., Value]] = {
    "current_setting": current_setting,
    "current_schemas": lambda context, implicit: _schemas(context, implicit=implicit),
}
CALLED_ON_NULL = {
    "current_user": lambda context: _role_name(context, context.session.role),
    "user": lambda context: _role_name(context, context.session.role),
    "current_role": lambda context: _role_name(context, context.session.role),
    "session_user": lambda context: _role_name(context, context.session.session_user),
    "current_database": lambda context: context.catalog.facts["database"],
    "current_catalog": lambda context: context.catalog.facts["database"],
    "current_schema": _current_schema,
    "set_config": _set_config,
    "version": lambda _context: Unknown("`version()` is known only on the server"),
    "pg_is_in_recovery": lambda _context: False,
}
