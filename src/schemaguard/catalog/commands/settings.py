"""SET, RESET, set_config: the search path, the role in force, and settings that rules and policies look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import option_value
from schemaguard.catalog.errors import INSUFFICIENT_PRIVILEGE, UNDEFINED_OBJECT, Refused
from schemaguard.catalog.model import Role

if TYPE_CHECKING:
    from schemaguard.catalog.session import Run
    from schemaguard.statements.statement import Node


def set_variable(run: Run, node: Node) -> None:
    """SET [LOCAL] name = value, RESET name, RESET ALL."""
    kind, name = node["kind"], node.get("name", "").lower()
    if kind == "VAR_RESET_ALL":
        run.session.search_path = run.session.default_search_path
        run.session.settings = {key: "" for key in run.session.settings if "." in key}
        return
    if kind not in ("VAR_SET_VALUE", "VAR_SET_DEFAULT", "VAR_RESET"):
        return
    values = [option_value(item) for item in node.get("args") or ()] if kind == "VAR_SET_VALUE" else None
    if node.get("is_local"):
        run.session.set_local(name)
    if name == "search_path":
        run.session.search_path = (
            run.session.default_search_path if values is None else path_of([str(item) for item in values])
        )
    elif name == "role":
        set_role(run, "none" if values is None else str(values[0]))
    elif name == "session_authorization":
        _set_session_authorization(run, None if values is None else str(values[0]))
    elif values is None:
        run.session.settings.pop(name, None)
        if "." in name:
            # A custom setting that was ever set in the session reads as the empty string after RESET.
            run.session.settings[name] = ""
    else:
        run.session.settings[name] = ", ".join(
            "on" if item is True else "off" if item is False else str(item) for item in values
        )


def path_of(items: list[str]) -> tuple[str, ...]:
    """A search path from the items of SET: each is one name; `"$user"` keeps its quotes as a mark."""
    return tuple('"$user"' if item in ("$user", '"$user"') else item for item in items)


def parse_path(text: str) -> tuple[str, ...]:
    """A search path from the one string of set_config: comma separated, quoted where written so, folded otherwise."""
    names: list[str] = []
    for part in _split(text):
        if part.startswith('"') and part.endswith('"') and len(part) > 1:
            names.append(part[1:-1].replace('""', '"'))
        elif part:
            names.append(part.lower())
    return path_of(names)


def _split(text: str) -> list[str]:
    parts, current, quoted = [], "", False
    for char in text:
        if char == '"':
            quoted = not quoted
        if char == "," and not quoted:
            parts.append(current.strip())
            current = ""
        else:
            current += char
    return [*parts, current.strip()]


def set_config(run: Run, name: str, value: str | None, *, local: bool) -> None:
    """`set_config(name, value, is_local)`."""
    name = name.lower()
    if local:
        run.session.set_local(name)
    if name == "search_path":
        run.session.search_path = parse_path(value or "")
    elif name == "role":
        set_role(run, value or "none")
    elif name == "session_authorization":
        _set_session_authorization(run, value)
    else:
        run.session.settings[name] = value or ""


def set_role(run: Run, name: str) -> None:
    """SET ROLE."""
    session, catalog = run.session, run.catalog
    if name == "none":
        session.role = session.session_user
        return
    oid = _role(run, name)
    from schemaguard.catalog.privileges.membership import can_set_role

    allowed = catalog.get(session.session_user, Role).superuser or can_set_role(
        catalog, session.session_user, oid
    )
    if not allowed:
        raise Refused(INSUFFICIENT_PRIVILEGE, f'permission denied to set role "{name}"')
    session.role = oid


def _set_session_authorization(run: Run, name: str | None) -> None:
    session = run.session
    oid = session.authenticated_user if name is None else _role(run, name)
    authenticated = run.catalog.get(session.authenticated_user, Role)
    if oid != session.authenticated_user and not authenticated.superuser:
        raise Refused(INSUFFICIENT_PRIVILEGE, f'permission denied to set session authorization "{name}"')
    session.session_user = session.role = oid


def _role(run: Run, name: str) -> int:
    from schemaguard.catalog.privileges.rolespec import resolve_role

    if run.catalog.facts.get("strict") and name not in run.catalog.roles:
        raise Refused("22023", f'role "{name}" does not exist')
    oid = resolve_role(run, {"roletype": "ROLESPEC_CSTRING", "rolename": name})
    if oid not in run.catalog.objects:
        raise Refused(UNDEFINED_OBJECT, f'role "{name}" does not exist')
    return int(oid)


HANDLERS = {"VariableSetStmt": set_variable}
IRRELEVANT = {
    "VariableShowStmt": "only shows a setting",
    "AlterSystemStmt": "configures the server, not the schema",
    "AlterDatabaseSetStmt": "configures later connections, not the schema",
}
