"""
The functions of `pg_catalog`, held against those of running servers: none that a schema may call is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from schemaguard.catalog.builtin.functions import functions_named

if TYPE_CHECKING:
    import psycopg

pytestmark = pytest.mark.postgres

# What no schema calls: arguments of type internal, the server's own statistics and administration, I/O of types.
FUNCTIONS = """
    SELECT p.proname, p.proargtypes::oid[]::int[], p.pronargdefaults
    FROM pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace
      AND NOT ('internal'::regtype = ANY (p.proargtypes)) AND p.prorettype <> 'internal'::regtype
      AND p.proname !~ '^pg_stat_|^pg_rotate_logfile|^pg_read_file_old|^pg_timezone_abbrevs|^interval_a|^interval_comb'
      AND p.proname !~ '^pg_get_publication_tables'
      AND NOT EXISTS (SELECT FROM pg_type t WHERE p.oid IN (t.typinput, t.typoutput, t.typreceive, t.typsend))
"""
ARRAYS = "SELECT typarray::int, oid::int FROM pg_type WHERE typarray <> 0"
VECTORS = {22: -21, 30: -26}
"""int2vector and oidvector are written either way: as types of their own, or as the arrays that they are."""


@pytest.mark.parametrize("which", ["connection", "older_connection"])
def test_every_function_is_known(which: str, request: pytest.FixtureRequest) -> None:
    connection: psycopg.Connection[Any] = request.getfixturevalue(which)
    version = connection.info.server_version // 10000
    arrays = {array: -element for array, element in connection.execute(ARRAYS)}
    missing = []
    for name, types, defaults in connection.execute(FUNCTIONS):
        wanted = [VECTORS.get(number := arrays.get(oid, oid), number) for oid in types]
        if not any(
            [VECTORS.get(number, number) for number in known.arguments[: len(wanted)]] == wanted
            and len(known.arguments) - known.defaults <= len(wanted) - defaults
            for known in functions_named(name)
            if known.since <= version
        ):
            missing.append((name, types))

    assert missing == []
