"""A routine under another name or in another schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.errors import (
    DUPLICATE_FUNCTION,
    Refused,
)

if TYPE_CHECKING:
    from schemaguard.catalog.model import Function
    from schemaguard.catalog.session import Run


def refuse_same_signature(run: Run, routine: Function, *, itself: bool = False) -> None:
    """Refuse where the schema has a routine of that name with the same input types: another one, or `itself`."""
    from schemaguard.catalog.routines import function_text, overload, signature_of  # import cycle

    other = overload(run.catalog, routine.schema, routine.name, signature_of(routine))
    if other is not None and (itself or other.oid != routine.oid):
        raise Refused(
            DUPLICATE_FUNCTION,
            f"function {function_text(run.catalog, routine)} already exists in schema "
            f'"{run.catalog.schema_name(routine.schema)}"',
        )


def move_routine(run: Run, old: Function, new: Function) -> None:
    """Store a routine under another name or schema."""
    catalog = run.catalog
    key = (old.schema, old.name)
    rest = tuple(oid for oid in catalog.functions.get(key, ()) if oid != old.oid)
    if rest:
        catalog.put(catalog.functions, key, rest)
    else:
        catalog.remove(catalog.functions, key)
    key = (new.schema, new.name)
    catalog.put(catalog.functions, key, (*catalog.functions.get(key, ()), new.oid))
    catalog.store(new)
