"""A difference between two states of a schema in words: what is left over, missing or other than it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.catalog.diff import Difference, Path

_KINDS = {
    "schemas": "schema",
    "tables": "table",
    "views": "view",
    "matviews": "materialized view",
    "sequences": "sequence",
    "functions": "function",
    "types": "type",
    "roles": "role",
    "extensions": "extension",
    "publications": "publication",
    "event_triggers": "event trigger",
}
_PARTS = {
    "columns": "column",
    "constraints": "constraint",
    "indexes": "index",
    "policies": "policy",
    "triggers": "trigger",
    "rules": "rule",
    "attributes": "attribute",
    "checks": "check",
}
"""Kinds of what an object consists of, by the key that holds them."""
_OBJECT_DEPTH = 2
_PART_DEPTH = 4


def in_words(difference: Difference) -> str:
    """One clause: ``the index `orders_note` of `orders` is left over``."""
    path, left, right = difference
    shown = _privilege(path, right if difference.missing_left else left)
    if shown is None:
        shown, attribute = _object(path)
        if attribute:
            return _attribute(shown, attribute, difference)
    if difference.missing_left:
        return f"{shown} is left over"
    if difference.missing_right:
        return f"{shown} is missing"
    return f"{shown} is another one"


def _object(path: Path) -> tuple[str, str]:
    """The object that a path leads to, and the attribute of it, empty where the path ends at the object itself."""
    kind, name = path[0], path[1] if len(path) > 1 else ""
    whole = f"the {_KINDS.get(kind, kind.replace('_', ' '))} `{_short(name)}`"
    if len(path) <= _OBJECT_DEPTH:
        return whole, ""
    part = _PARTS.get(path[2])
    if part is None or len(path) == _OBJECT_DEPTH + 1:
        return whole, ".".join(path[2:])
    of = f"the {part} `{path[3]}` of `{_short(name)}`"
    return of, ".".join(path[_PART_DEPTH:])


def _short(name: str) -> str:
    return name.removeprefix("public.")


def _privilege(path: Path, fact: Any) -> str | None:  # noqa: ANN401 - any level of the facts
    """An entry of a list of privileges; None for anything else."""
    if not isinstance(fact, dict) or "privilege" not in fact:
        return None
    what = f"{fact['privilege']} of `{fact['grantee']}`"
    if path[0] == "default_privileges":
        within = f" in `{fact['schema']}`" if fact["schema"] else ""
        return f"the default privilege {what} on what `{fact['for_role']}` makes{within} ({fact['objtype']})"
    column = f"`{fact['column']}` of " if "column" in fact else ""
    return f"the privilege {what} on {column}`{_short(path[1])}`"


def _attribute(of: str, attribute: str, difference: Difference) -> str:
    """What an attribute is now, and what it was."""
    left = None if difference.missing_left else difference.left
    right = None if difference.missing_right else difference.right
    if attribute in _STATES:
        (now, before), state = _STATES[attribute]
        return f"{of} {now} {state(right)}; it {before} {state(left)}"
    if attribute in ("comment", "definition"):
        return f"{of} has {'another' if right and left else 'no' if left else 'a'} {attribute}"
    return f"{attribute.replace('_', ' ')} of {of} is {_value(right)} instead of {_value(left)}"


_IS, _HAS = ("is", "was"), ("has", "had")
_STATES: dict[str, tuple[tuple[str, str], Callable[[Any], str]]] = {
    "not_null": (_IS, lambda value: "NOT NULL" if value else "nullable"),
    "default": (_HAS, lambda value: "no default" if value is None else f"the default `{value}`"),
    "type": (_IS, lambda value: f"of type {value}"),
    "rls_enabled": (_HAS, lambda value: f"row security {'enabled' if value else 'disabled'}"),
    "rls_forced": (_HAS, lambda value: f"row security {'forced' if value else 'not forced'}"),
    "owner": (_IS, lambda value: f"owned by `{value}`"),
}
"""The verb, now and before, and what an attribute's value makes of the object."""


def _value(value: Any) -> str:  # noqa: ANN401 - a fact
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(_value(each) for each in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_value(each)}" for key, each in value.items()) or "none"
    return f"`{value}`" if isinstance(value, str) else str(value)
