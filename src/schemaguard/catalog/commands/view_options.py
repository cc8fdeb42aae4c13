"""The WITH options of views and materialized views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import option_value
from schemaguard.catalog.errors import INVALID_PARAMETER, Refused

if TYPE_CHECKING:
    from schemaguard.statements.statement import Node

Options = tuple[tuple[str, str], ...]

SECURITY_INVOKER_SINCE = 15

_CHECK_OPTIONS = ("local", "cascaded")
_TRUE = ("true", "on", "yes", "1")
_FALSE = ("false", "off", "no", "0")


def view_options(nodes: list[Node] | None, version: int) -> Options:
    """The options of a view as `pg_class.reloptions` keeps them: name and value as written.

    Raises:
        Refused: views have no such option, or it can't have that value.
    """
    found: dict[str, str] = {}
    for node in nodes or ():
        element = node["DefElem"]
        name = element["defname"]
        if element.get("defnamespace"):
            message = f'unrecognized parameter namespace "{element["defnamespace"]}"'
            raise Refused(INVALID_PARAMETER, message)
        known = name in ("security_barrier", "check_option") or (
            name == "security_invoker" and version >= SECURITY_INVOKER_SINCE
        )
        if not known:
            raise Refused(INVALID_PARAMETER, f'unrecognized parameter "{name}"')
        if name in found:
            raise Refused(INVALID_PARAMETER, f'parameter "{name}" specified more than once')
        found[name] = _value(name, element.get("arg"))
    return tuple(found.items())


def _value(name: str, argument: Node | None) -> str:
    value = option_value(argument)
    text = "true" if value is None or value is True else "false" if value is False else str(value)
    if name == "check_option":
        if text.lower() not in _CHECK_OPTIONS:
            raise Refused(
                INVALID_PARAMETER,
                f'invalid value for enum option "check_option": {text}',
                detail='Valid values are "local" and "cascaded".',
            )
        return text
    if not is_boolean(text):
        raise Refused(INVALID_PARAMETER, f'invalid value for boolean option "{name}": {text}')
    return text


def is_boolean(text: str) -> bool:
    """Whether `parse_bool` reads the text: true, false, on, off, yes, no, 1, 0 or a beginning of one."""
    lowered = text.lower()
    if lowered in ("o", ""):
        return False
    return any(word.startswith(lowered) for word in (*_TRUE, *_FALSE))


def is_true(text: str) -> bool:
    """The truth value of an option's text."""
    lowered = text.lower()
    return lowered not in ("o", "") and any(word.startswith(lowered) for word in _TRUE)
