"""Input of json and jsonb."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from schemaguard.catalog.analysis.literals.numbers import print_numeric
from schemaguard.catalog.errors import Refused

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _constant(name: str) -> Any:  # noqa: ANN401 - never returns
    raise ValueError(name)


def _decode(text: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(
            text,
            parse_float=Decimal,
            parse_int=Decimal,
            parse_constant=_constant,
            object_pairs_hook=dict,
            strict=True,
        )
    except (ValueError, RecursionError):
        raise Refused("22P02", "invalid input syntax for type json") from None


def read_json(text: str) -> str:
    """A json value: as it was written, if it is one.

    Raises:
        Refused: it is none.
    """
    _decode(text)
    return text


def read_jsonb(text: str) -> str:
    """A jsonb value: keys sorted by length and bytes, the last of equal ones kept, one space after `:` and `,`.

    Raises:
        Refused: it is none.
    """
    return print_jsonb(_decode(text))


def print_jsonb(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """A decoded value as `jsonb_out` prints it."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
        return "{" + ", ".join(f"{_string(key)}: {print_jsonb(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(print_jsonb(item) for item in value) + "]"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, Decimal):
        return print_numeric(value)
    return {None: "null", True: "true", False: "false"}[value]


_PATH = re.compile(
    r"""\s*(?P<mode>strict\s+)?\$(?P<steps>(?:\.[A-Za-z_]\w*|\."[^"\\]*"|\[(?:\*|\d+)\])*)\s*\Z"""
)
_STEP = re.compile(r"""\.(?P<name>[A-Za-z_]\w*)|(?P<rest>\."[^"]*"|\[[^\]]*\])""")


def read_path(text: str) -> str:
    """A jsonpath of keys and subscripts only; keys are printed in quotes.

    Raises:
        NotRead: it has filters, operators or methods.
    """
    from schemaguard.catalog.analysis.literals.datetimes import NotRead

    match = _PATH.match(text)
    if match is None:
        raise NotRead(f"the path '{text}' is not read")
    steps = "".join(
        f'."{step["name"]}"' if step["name"] else step["rest"] for step in _STEP.finditer(match["steps"])
    )
    return f"{'strict ' if match['mode'] else ''}${steps}"


def _string(text: str) -> str:
    shown = "".join(
        _ESCAPES.get(char) or (f"\\u{ord(char):04x}" if ord(char) < 0x20 else char) for char in text
    )
    return f'"{shown}"'
