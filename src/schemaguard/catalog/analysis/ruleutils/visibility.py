"""Which names need their schema: those that the search path `public` does not find under the bare name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.analysis.environment import Environment
from schemaguard.catalog.analysis.transform.candidates import Ambiguous, find_routine
from schemaguard.catalog.analysis.transform.operators import find_operator
from schemaguard.catalog.analysis.tree import Unresolved
from schemaguard.catalog.builtin.relations import SCHEMAS, system_relation
from schemaguard.catalog.errors import Refused
from schemaguard.catalog.model import Function
from schemaguard.catalog.names import quote_identifier
from schemaguard.catalog.state import PG_CATALOG, SUPERUSER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.catalog.builtin.functions import Routine
    from schemaguard.catalog.builtin.operators import Operator
    from schemaguard.catalog.model import Relation
    from schemaguard.catalog.state import Catalog

_SCHEMA_NAMES = {oid: name for name, oid in SCHEMAS.items()}


def printing_environment(catalog: Catalog) -> Environment:
    """The environment that text is printed for: the search path `public`."""
    from schemaguard.catalog.session import Session

    session = Session(catalog, SUPERUSER)
    session.search_path = ("public",)
    return Environment(session)


def relation_name(catalog: Catalog, relation: Relation) -> str:
    """A relation's name, with its schema unless the bare name finds it (`generate_relation_name`)."""
    name = quote_identifier(relation.name)
    if relation.schema == PG_CATALOG:
        return name
    if relation.schema == catalog.public:
        hidden = relation.name.startswith("pg_") and system_relation("pg_catalog", relation.name) is not None
        return f"public.{name}" if hidden else name
    schema = _SCHEMA_NAMES.get(relation.schema) or catalog.schema_name(relation.schema)
    return f"{quote_identifier(schema)}.{name}"


def function_name(
    environment: Environment,
    routine: Routine,
    actual: Sequence[int],
    argument_names: Sequence[str] = (),
    *,
    variadic: bool = False,
) -> str:
    """A routine's present name, with its schema unless a call without it finds the same (`generate_function_name`)."""
    catalog = environment.catalog
    name, schema = routine.name, routine.schema
    record = catalog.objects.get(routine.oid)
    if isinstance(record, Function):
        name, schema = record.name, record.schema
    bare = quote_identifier(name)
    if schema == PG_CATALOG and (catalog.public, name) not in catalog.functions and not catalog.extensions:
        return bare
    try:
        found = find_routine(environment, [name], tuple(actual), argument_names, spread=not variadic)
    except (Ambiguous, Refused):
        found = None
    if found is not None and (found.routine.oid, found.routine.schema) == (routine.oid, schema):
        return bare
    return f"{quote_identifier(catalog.schema_name(schema))}.{bare}"


def operator_name(environment: Environment, operator: Operator, left: int, right: int) -> str:
    """An operator's name, as OPERATOR(schema.name) unless the bare name finds the same."""
    if operator.schema == PG_CATALOG and not environment.catalog.extensions:
        return operator.name
    try:
        found = find_operator(environment, [operator.name], left, right)
    except Refused:
        found = None
    if found is not None and not isinstance(found, Unresolved):
        same = (found.oid, found.schema, found.left, found.right)
        if same == (operator.oid, operator.schema, operator.left, operator.right):
            return operator.name
    schema = quote_identifier(environment.catalog.schema_name(operator.schema))
    return f"OPERATOR({schema}.{operator.name})"
