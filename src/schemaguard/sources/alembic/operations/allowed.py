"""Which of SQLAlchemy's names may be called with values from the project: what only builds."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

from schemaguard.sources.alembic.words import words

_MODULES = words(
    "sqlalchemy sqlalchemy.types sqlalchemy.schema sqlalchemy.sql sqlalchemy.sql.expression "
    "sqlalchemy.sql.elements sqlalchemy.sql.functions sqlalchemy.sql.schema sqlalchemy.sql.selectable "
    "sqlalchemy.sql.dml sqlalchemy.sql.ddl sqlalchemy.sql.sqltypes sqlalchemy.sql.type_api "
    "sqlalchemy.sql.operators sqlalchemy.dialects.postgresql sqlalchemy.dialects.postgresql.base "
    "sqlalchemy.dialects.postgresql.json sqlalchemy.dialects.postgresql.array "
    "sqlalchemy.dialects.postgresql.hstore sqlalchemy.dialects.postgresql.ranges "
    "sqlalchemy.dialects.postgresql.named_types sqlalchemy.dialects.postgresql.types "
    "sqlalchemy.dialects.postgresql.ext sqlalchemy.dialects.postgresql.dml sqlalchemy.dialects.sqlite "
    "sqlalchemy.dialects.mysql sqlalchemy.dialects.mssql sqlalchemy.dialects.oracle "
    "sqlalchemy.ext.mutable"
)

_FUNCTIONS = words(
    "select insert update delete table column literal literal_column null true false and_ or_ not_ case "
    "cast try_cast exists union union_all intersect except_ desc asc nulls_first nulls_last nullsfirst "
    "nullslast distinct extract tuple_ type_coerce collate between join outerjoin alias values lateral "
    "within_group over any_ all_ array aggregate_order_by dialect to_tsvector ARRAY"
)

_PLAIN_NAME = re.compile(r"[A-Za-z_]\w*\Z")


def resolve(path: str) -> Any:  # noqa: ANN401 - a class, function or namespace of SQLAlchemy's
    """What a dotted name of SQLAlchemy stands for, if it may be used; None if not.

    Allowed are classes of types, schema items and SQL elements, `sa.func.…`, and the functions of the list above.
    """
    if path.startswith("sqlalchemy.func.") or path == "sqlalchemy.func":
        return _function(path.split(".")[2:])
    module_name, _dot, name = path.rpartition(".")
    owner: Any = None
    if module_name in _MODULES:
        owner = import_module(module_name)
    elif (outer := module_name.rpartition(".")[0]) in _MODULES:
        owner = getattr(import_module(outer), module_name.rpartition(".")[2], None)
        owner = owner if isinstance(owner, type) else None
    if owner is None or not _PLAIN_NAME.match(name) or name.startswith("__"):
        return None
    value = getattr(owner, name, None)
    return value if _is_allowed(value, name) else None


def _function(names: list[str]) -> Any:  # noqa: ANN401 - a function generator
    from sqlalchemy import func

    found: Any = func
    for name in names:
        if not _PLAIN_NAME.match(name) or name.startswith("__"):
            return None
        found = getattr(found, name)
    return found


def _is_allowed(value: Any, name: str) -> bool:  # noqa: ANN401 - any attribute
    from sqlalchemy.schema import MetaData, SchemaItem
    from sqlalchemy.sql.ddl import ExecutableDDLElement
    from sqlalchemy.sql.elements import ClauseElement, quoted_name
    from sqlalchemy.types import TypeEngine

    if isinstance(value, type):
        return issubclass(
            value, (SchemaItem, ClauseElement, TypeEngine, ExecutableDDLElement, MetaData, quoted_name)
        )
    if isinstance(value, (TypeEngine, ClauseElement)):
        return True
    if name in ("excluded", "as_mutable"):
        return True
    return callable(value) and name in _FUNCTIONS


ELEMENT_METHODS = words(
    "insert update delete select where values returning select_from join outerjoin on_conflict_do_nothing "
    "on_conflict_do_update in_ not_in notin_ is_ is_not isnot is_distinct_from like ilike not_like "
    "notlike notilike between cast as_string as_integer as_boolean as_float astext label desc asc "
    "nulls_first nulls_last nullsfirst nullslast op bool_op any_ all_ any all contains contained_by "
    "has_key has_any has_all overlap startswith endswith concat collate distinct alias subquery cte "
    "scalar_subquery as_scalar correlate group_by order_by having limit offset filter over within_group "
    "with_variant params exists from_select add_columns with_only_columns with_for_update "
    "execution_options inline union union_all self_group c columns name key type primary_key nullable "
    "server_default comment table schema fullname metadata indexes constraints foreign_keys excluded "
    "as_generic impl enums length precision scale timezone dialect_impl label_length item_type dimensions "
    "element text bindparams evaluates_none get cascading replace regexp_match regexp_replace match "
    "icontains istartswith iendswith set_ add naming_convention parent unique deferrable initially "
    "ondelete onupdate sqltext referred_table column_keys column_names keys items values contains_column"
)
"""Attributes of SQLAlchemy's objects that only read or build."""
