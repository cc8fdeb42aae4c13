"""The WITH (…) list of tables and materialized views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.commands.nodes import option_value
from schemaguard.catalog.errors import (
    FEATURE_NOT_SUPPORTED,
    INVALID_PARAMETER,
    WRONG_OBJECT_TYPE,
    Refused,
)

if TYPE_CHECKING:
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Node

Options = tuple[tuple[str, str], ...]

_SHARED_WITH_TOAST = frozenset(
    (
        "autovacuum_enabled", "autovacuum_freeze_max_age", "autovacuum_freeze_min_age",
        "autovacuum_freeze_table_age", "autovacuum_multixact_freeze_max_age",
        "autovacuum_multixact_freeze_min_age", "autovacuum_multixact_freeze_table_age",
        "autovacuum_vacuum_cost_delay", "autovacuum_vacuum_cost_limit",
        "autovacuum_vacuum_insert_scale_factor", "autovacuum_vacuum_insert_threshold",
        "autovacuum_vacuum_max_threshold", "autovacuum_vacuum_scale_factor", "autovacuum_vacuum_threshold",
        "log_autovacuum_min_duration", "vacuum_index_cleanup", "vacuum_max_eager_freeze_failure_rate",
        "vacuum_truncate",
    )
)  # fmt: skip
_TABLES_ONLY = frozenset(
    (
        "autovacuum_analyze_scale_factor", "autovacuum_analyze_threshold", "fillfactor", "parallel_workers",
        "toast_tuple_target", "user_catalog_table",
    )
)  # fmt: skip


def storage_options(nodes: list[Node] | None) -> Options:
    """A WITH (…) list as (name, value) pairs, as `pg_class.reloptions` keeps them."""
    found: dict[str, str] = {}
    for node in nodes or ():
        element = node["DefElem"]
        name = element["defname"]
        if element.get("defnamespace"):
            name = f"{element['defnamespace']}.{name}"
        value = option_value(element.get("arg"))
        found[name] = "true" if value is None or value is True else "false" if value is False else str(value)
    return tuple(found.items())


def table_options(catalog: Catalog, nodes: list[Node] | None, kind: str) -> Options:
    """The options of a table or materialized view; `kind` as `pg_class.relkind` has it.

    Extensions have namespaces of their own here (`timescaledb.…`), whose options are taken at their word.

    Raises:
        Refused: there is no such option, or none at all for partitioned tables.
    """
    options = storage_options(nodes)
    for name, value in options:
        if name == "oids":
            if value.lower() not in ("false", "off", "0"):
                raise Refused(FEATURE_NOT_SUPPORTED, "tables declared WITH OIDS are not supported")
            continue
        namespace, _, own = name.rpartition(".")
        if namespace not in ("", "toast"):
            if namespace in catalog.extensions or not catalog.facts.get("strict"):
                continue
            raise Refused(INVALID_PARAMETER, f'unrecognized parameter namespace "{namespace}"')
        if own not in _SHARED_WITH_TOAST and (namespace or own not in _TABLES_ONLY):
            raise Refused(INVALID_PARAMETER, f'unrecognized parameter "{own}"')
        if kind == "p":
            raise Refused(WRONG_OBJECT_TYPE, "cannot specify storage parameters for a partitioned table")
    return tuple((name, value) for name, value in options if name != "oids")
