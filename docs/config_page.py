"""
The generated part of docs/configuration.md: every key of schemaguard.yaml, from the types that read it.
"""

from __future__ import annotations

import types
import typing
from typing import Annotated, Any, Literal, Union

import msgspec

from schemaguard.config import policy as forms
from schemaguard.config.policy import Policy

WORDS = {str: "text", int: "number", bool: "true or false"}


def config_keys() -> str:
    """Return a section for the file itself and one for each form that a key of it may have."""
    order: list[type[msgspec.Struct]] = [Policy]
    for form in order:  # grows while it is read: the forms in the order in which they are first met
        for hint in _hints(form).values():
            order += [found for found in _forms(hint) if found not in order]
    return "\n\n".join(_section(form) for form in order)


def _hints(form: type[msgspec.Struct]) -> dict[str, Any]:
    hints = typing.get_type_hints(form, vars(forms), include_extras=True)
    return {name: hints[name] for name in form.__struct_fields__}


def _section(form: type[msgspec.Struct]) -> str:
    title = "The file" if form is Policy else form.__name__
    rows = ["| key | value | default | |", "|---|---|---|---|"]
    for (name, hint), default in zip(_hints(form).items(), _defaults(form), strict=True):
        rows.append(f"| `{name}` | {_words(hint)} | {default} | {_description(hint)} |")
    summary = (form.__doc__ or "").partition("\n\n")[0].replace("\n", " ").strip()
    return f"### {title}\n\n{summary}\n\n" + "\n".join(rows)


def _defaults(form: type[msgspec.Struct]) -> list[str]:
    fields = form.__struct_fields__
    missing = len(fields) - len(form.__struct_defaults__)
    return ["demanded"] * missing + [_shown(value) for value in form.__struct_defaults__]


def _shown(value: object) -> str:
    if value in (None, "", ()) or isinstance(value, msgspec.Struct) or type(value).__name__ == "Factory":
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`[{', '.join(value)}]`"
    return "" if value == {} else f"`{value}`"


def _description(hint: Any) -> str:  # noqa: ANN401 - any annotation
    for each in _parts(hint):
        if isinstance(each, msgspec.Meta) and each.description:
            return each.description.replace("|", "&#124;")
    return ""


def _parts(hint: Any) -> list[Any]:  # noqa: ANN401 - any annotation
    """Return what an annotation is made of, from the outside in."""
    found = [hint]
    if typing.get_origin(hint) is Annotated:
        found += [*hint.__metadata__, *_parts(typing.get_args(hint)[0])]
    elif typing.get_origin(hint) is not Literal:
        for each in typing.get_args(hint):
            found += _parts(each)
    return found


def _forms(hint: Any) -> list[type[msgspec.Struct]]:  # noqa: ANN401 - any annotation
    return [each for each in _parts(hint) if isinstance(each, type) and issubclass(each, msgspec.Struct)]


def _words(hint: Any) -> str:  # noqa: ANN401 - any annotation
    """Say what a value looks like."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return _words(args[0])
    if origin in (Union, types.UnionType):
        return " or ".join(_words(each) for each in args if each is not type(None))
    if origin is Literal:
        return ", ".join(f"`{each}`" for each in args)
    if origin is tuple:
        return f"list of {_words(args[0])}"
    if origin is dict:
        return f"mapping of name to {_words(args[1])}"
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return f"[{hint.__name__}](#{hint.__name__.lower()})"
    return WORDS.get(hint, "any value")
