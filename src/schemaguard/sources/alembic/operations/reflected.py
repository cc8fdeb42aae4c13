"""Types of columns as SQLAlchemy's inspector returns them, from the server's spelling."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

    from schemaguard.sources.alembic.operations.dialect import OfflineDialect

_SPELLED = re.compile(
    r"(?P<name>[a-z][a-z0-9 ]*?)(?:\((?P<numbers>[\d,]+)\))?(?P<zone> with(?:out)? time zone)?(?P<array>(?:\[\])*)"
)
_LENGTHS = ("character varying", "character", "bit", "bit varying")


def reflected_type(dialect: OfflineDialect, text: str) -> TypeEngine[Any]:
    """The type that a type of the server's (`character varying(20)`) is to SQLAlchemy; others keep their names."""
    from schemaguard.sources.alembic.operations.dialect import NamedType

    spelled = _SPELLED.fullmatch(text)
    name = spelled["name"] if spelled else ""
    kind: Any = dialect.ischema_names.get(name)
    if spelled is None or kind is None:
        return NamedType(text)
    numbers = [int(number) for number in spelled["numbers"].split(",")] if spelled["numbers"] else []
    options: dict[str, Any] = {}
    if name in _LENGTHS and numbers:
        options["length"] = numbers[0]
    elif name == "numeric" and numbers:
        options = dict(zip(("precision", "scale"), numbers, strict=False))
    elif name in ("timestamp", "time"):
        options = {"timezone": spelled["zone"] == " with time zone"}
        options.update({"precision": numbers[0]} if numbers else {})
    elif name == "double precision":
        options = {"precision": 53}
    if name == "bit varying":
        options["varying"] = True
    found: TypeEngine[Any] = kind(**options)
    if spelled["array"]:
        from sqlalchemy.dialects.postgresql import ARRAY

        return ARRAY(found)
    return found
