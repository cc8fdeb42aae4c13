"""The roles that every server has, by major version."""

from __future__ import annotations

PG_MONITOR = 3373
PG_READ_ALL_SETTINGS = 3374
PG_READ_ALL_STATS = 3375
PG_STAT_SCAN_TABLES = 3377
PG_DATABASE_OWNER = 6171
PG_READ_ALL_DATA = 6181
PG_WRITE_ALL_DATA = 6182
PG_MAINTAIN = 6337

DATA_ROLES_SINCE = 14

# (first major version, oid, name); the oids are PostgreSQL's own (pg_authid.dat).
_ROLES = (
    (10, PG_MONITOR, "pg_monitor"),
    (10, PG_READ_ALL_SETTINGS, "pg_read_all_settings"),
    (10, PG_READ_ALL_STATS, "pg_read_all_stats"),
    (10, PG_STAT_SCAN_TABLES, "pg_stat_scan_tables"),
    (9, 4200, "pg_signal_backend"),
    (15, 4544, "pg_checkpoint"),
    (16, 4550, "pg_use_reserved_connections"),
    (11, 4569, "pg_read_server_files"),
    (11, 4570, "pg_write_server_files"),
    (11, 4571, "pg_execute_server_program"),
    (14, PG_DATABASE_OWNER, "pg_database_owner"),
    (DATA_ROLES_SINCE, PG_READ_ALL_DATA, "pg_read_all_data"),
    (DATA_ROLES_SINCE, PG_WRITE_ALL_DATA, "pg_write_all_data"),
    (16, 6304, "pg_create_subscription"),
    (17, PG_MAINTAIN, "pg_maintain"),
    (18, 6392, "pg_signal_autovacuum_worker"),
)

_PG_MONITOR_IS_MEMBER_OF = (PG_READ_ALL_SETTINGS, PG_READ_ALL_STATS, PG_STAT_SCAN_TABLES)

RESERVED_PREFIX = "pg_"
"""No role or schema of a user has a name that begins so."""


def predefined_roles(version: int) -> tuple[tuple[int, str], ...]:
    """Oid and name of each role that PostgreSQL major `version` comes with, beside the bootstrap superuser."""
    return tuple((oid, name) for since, oid, name in _ROLES if version >= since)


def predefined_memberships(version: int) -> tuple[tuple[int, int], ...]:
    """The (role, member) pairs that PostgreSQL major `version` comes with."""
    if version < 10:
        return ()
    return tuple((role, PG_MONITOR) for role in _PG_MONITOR_IS_MEMBER_OF)


def data_role(version: int, privilege: str) -> int:
    """The predefined role whose members hold `privilege` on every relation, 0 where there is none."""
    if privilege == "MAINTAIN":
        return PG_MAINTAIN if version >= 17 else 0
    if version < DATA_ROLES_SINCE:
        return 0
    if privilege == "SELECT":
        return PG_READ_ALL_DATA
    return PG_WRITE_ALL_DATA if privilege in ("INSERT", "UPDATE", "DELETE") else 0
