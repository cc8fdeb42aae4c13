"""Why a body was left before its end."""

from __future__ import annotations

from typing import NamedTuple


class Signal(NamedTuple):
    """`kind`: return, exit or continue; `label` of the loop or block that is meant, "" for the innermost loop."""

    kind: str
    label: str = ""


RETURN = Signal("return")
