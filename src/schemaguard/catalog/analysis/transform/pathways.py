"""Which conversions there are between types, and in which contexts (the searching half of `parse_coerce.c`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.analysis.tree import UNRESOLVED
from schemaguard.catalog.analysis.type_info import relation_at
from schemaguard.catalog.builtin.types import ANY, INT2VECTOR, OIDVECTOR, RECORD, UNKNOWN
from schemaguard.catalog.model import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.analysis.environment import Environment
    from schemaguard.catalog.builtin.operators import Cast

IMPLICIT, ASSIGNMENT, EXPLICIT = 0, 1, 3
"""The contexts of a conversion (`CoercionContext`): what one allows, the later ones allow, too."""

_CONTEXTS = {"i": IMPLICIT, "a": ASSIGNMENT, "e": EXPLICIT}


LAST_BUILTIN = 16383


class Pathway(NamedTuple):
    """A way to convert. `kind`: function, relabel, array or io; `cast` of the first."""

    kind: str
    cast: Cast | None = None


RELABEL = Pathway("relabel")
ARRAY = Pathway("array")
VIA_IO = Pathway("io")
_METHODS = {"i": VIA_IO, "b": RELABEL}


_found: dict[tuple[int, int, int], Pathway | None] = {}
"""The ways between built-in types."""


def find_pathway(environment: Environment, target: int, source: int, context: int) -> Pathway | None:
    """How to convert `source` into `target` in a context, None if there is no way (`find_coercion_pathway`)."""
    key = (target, source, context)
    if key in _found:
        return _found[key]
    found = _find_pathway(environment, target, source, context)
    if -LAST_BUILTIN <= target <= LAST_BUILTIN and -LAST_BUILTIN <= source <= LAST_BUILTIN:
        _found[key] = found
    return found


def _find_pathway(environment: Environment, target: int, source: int, context: int) -> Pathway | None:
    source_info = environment.info(source)
    target_info = environment.info(target)
    source, target = source_info.base, target_info.base
    if source == target:
        return RELABEL
    cast = environment.cast(source, target)
    if cast is not None:
        if context < _CONTEXTS[cast.context]:
            return None
        return _METHODS.get(cast.method) or Pathway("function", cast)
    if target not in (OIDVECTOR, INT2VECTOR):
        source_element = environment.info(source).element
        target_element = environment.info(target).element
        if (
            source_element
            and target_element
            and find_pathway(environment, target_element, source_element, context)
        ):
            return ARRAY
    if context >= ASSIGNMENT and target_info.category == "S":
        return VIA_IO
    if context >= EXPLICIT and source_info.category == "S":
        return VIA_IO
    return None


def can_coerce(
    environment: Environment, sources: Sequence[int], targets: Sequence[int], context: int
) -> bool:
    """Whether each source type can be converted to its target type in a context (`can_coerce_type`)."""
    from schemaguard.catalog.analysis.transform.polymorphism import POLYMORPHIC, fits

    generic = False
    for source, target in zip(sources, targets, strict=False):
        if target in (source, ANY):
            continue
        if target in POLYMORPHIC:
            generic = True
        elif source not in (UNKNOWN, UNRESOLVED) and not _convertible(environment, source, target, context):
            return False
    return not generic or fits(environment, sources, targets)


def _convertible(environment: Environment, source: int, target: int, context: int) -> bool:
    if find_pathway(environment, target, source, context) is not None:
        return True
    source_info, target_info = environment.info(source), environment.info(target)
    if source == RECORD and target_info.relation:
        return True
    if target == RECORD and source_info.relation:
        return True
    if target == -RECORD and source < 0 and environment.info(-source).relation:
        return True
    return inherits(environment, source, target)


def inherits(environment: Environment, source: int, target: int) -> bool:
    """Whether a row type is that of a child, at any depth, of another one's table."""
    child, parent = environment.info(environment.base(source)).relation, environment.info(target).relation
    if not child or not parent:
        return False
    pending = [child]
    while pending:
        relation = relation_at(environment.catalog, pending.pop())
        if relation is not None and relation.oid == parent:
            return True
        if isinstance(relation, Table):
            pending.extend(relation.parents)
    return False
