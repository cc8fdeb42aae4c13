"""
Row security: who sees rows of another tenant, or none at all, or an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.rules_on_server.probes.world import A, Attempt, B, Probe, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.api import Table

OTHER = {"app.user_id": B, "app.mode": "support"}
COMMANDS = ("SELECT", "INSERT", "UPDATE", "DELETE")


def _settings(world: World, tenant: str | None) -> dict[str, str]:
    tenants = world.project.tenants
    setting = tenants.setting.setting if tenants is not None else None
    return OTHER if tenant is None else {**OTHER, setting or "app.tenant_id": tenant}


def _seen(
    world: World, role: str, table: Table, tenant: str | None = A, *, granted: bool = True
) -> tuple[str, set[str]]:
    """The SQLSTATE of reading a table that holds rows of two tenants, and whose rows are seen."""
    tenants = world.project.tenants
    column = tenants.column(table) if tenants is not None else None
    wanted = column.name if column is not None else table.columns[0].name
    name = world.project.sql(table)
    with world.undone():
        faults = [world.fill(table, one) for one in (A, B) for _ in range(8)]
        assert not all(faults), faults
        if granted:
            world.connection.execute(
                f'GRANT SELECT ON ALL TABLES IN SCHEMA "{world.project.catalog.schema_name(table.schema)}" TO "{role}"'
            )
        for key, value in _settings(world, tenant).items():
            world.connection.execute("SELECT set_config(%s, %s, true)", [key, value])
        world.connection.execute("SAVEPOINT reading")
        import psycopg

        try:
            world.connection.execute(f'SET LOCAL ROLE "{role}"')
            rows = world.connection.execute(f'SELECT "{wanted}"::text FROM {name}'.encode()).fetchall()
        except psycopg.Error as error:
            world.connection.execute("ROLLBACK TO SAVEPOINT reading")
            return error.sqlstate or "", set()
        return "", {value for (value,) in rows}


def _claimed(world: World, table: Table) -> bool:
    return any(
        claim[0] == world.name(table) or claim[0].startswith(f"{world.name(table)}.")
        for claim in world.claims()
    )


def _leaks(world: World, tables: list[Table], *, granted: bool = True) -> Iterator[Probe]:
    for table in tables:
        proved = any(B in _seen(world, role, table, granted=granted)[1] for role in world.app_roles)
        yield Probe(f"{table.name} shows another tenant's rows", _claimed(world, table), proved)


def row_security_disabled(world: World) -> Iterator[Probe]:
    """With SELECT alone, a role of the application sees the rows of both tenants."""
    partitions = {
        table.oid for table in world.project.tenant_tables if world.project.protected_ancestor(table)
    }
    suppressed = {"exports"}  # agreed, with the reason
    yield from _leaks(
        world,
        [t for t in world.project.tenant_tables if t.oid not in partitions and t.name not in suppressed],
    )


def policy_without_row_security(world: World) -> Iterator[Probe]:
    """The same of a table that has policies."""
    for table in world.project.governed_tables:
        if not world.project.policies(table):
            continue
        with world.undone():
            world.connection.execute("CREATE ROLE stranger")
            world.connection.execute(f"GRANT SELECT ON {world.project.sql(table)} TO stranger".encode())
            bound = world.ask(
                "SELECT relrowsecurity FROM pg_class WHERE oid = %s::regclass", world.project.sql(table)
            )
        yield Probe(f"policies of {table.name} sleep", _claimed(world, table), not bound)


def policy_ignores_tenant(world: World) -> Iterator[Probe]:
    """Rows of another tenant are seen, or can be written."""
    for table in world.project.tenant_tables:
        leaks = any(
            B in _seen(world, role, table)[1] or _writes(world, role, table) for role in world.app_roles
        )
        yield Probe(f"{table.name} lets tenants through", _claimed(world, table), leaks)


def _writes(world: World, role: str, table: Table) -> bool:
    """Whether a role at work for one tenant can write a row of another."""
    name = world.project.sql(table)
    with world.undone():
        world.fill(table, B)
        world.connection.execute(f"CREATE TEMP TABLE copy AS SELECT * FROM {name}".encode())
        world.connection.execute(f"DELETE FROM {name}".encode())
        world.connection.execute(f'GRANT ALL ON {name} TO "{role}"; GRANT ALL ON copy TO "{role}"'.encode())
        world.connection.execute("SET CONSTRAINTS ALL DEFERRED")
        world.connection.execute(
            "INSERT INTO tenants SELECT DISTINCT tenant_id FROM copy ON CONFLICT DO NOTHING"
        )
        return not world.attempt(role, f"INSERT INTO {name} SELECT * FROM copy", _settings(world, A)).sqlstate


def policy_fails_open(world: World) -> Iterator[Probe]:
    """Without a tenant rows are seen."""
    role, fallback = world.app_roles[0], "00000000-0000-0000-0000-000000000001"
    never_set = {table.oid: _default(world, role, table, fallback) for table in world.project.tenant_tables}
    for table in world.project.tenant_tables:
        seen = [never_set[table.oid], *(_seen(world, role, table, tenant)[1] for tenant in (None, ""))]
        yield Probe(f"{table.name} is open", _claimed(world, table), any(seen))


def _default(world: World, role: str, table: Table, tenant: str) -> set[str]:
    """Whose rows are seen without a tenant, where there are some of one that a policy may fall back to."""
    name = world.project.sql(table)
    with world.undone():
        world.fill(table, tenant)
        world.connection.execute(f'GRANT SELECT ON {name} TO "{role}"'.encode())
        found = world.attempt(role, f"SELECT FROM {name}")
        return {tenant} if found.rows > 0 else set()


def tenant_setting_may_error(world: World) -> Iterator[Probe]:
    """Reading without a tenant is an error."""
    for table in world.project.governed_tables:
        if not world.project.policies(table):
            continue
        with world.undone():
            world.connection.execute("CREATE ROLE stranger")
            name = world.project.sql(table)
            assert not world.fill(table, A)
            world.connection.execute(f"GRANT ALL ON {name} TO stranger".encode())
            settings = _named_settings(world, table)
            tries = [{}, *({each: ""} for each in settings)]
            statements = [f"SELECT FROM {name}", f"INSERT INTO {name} SELECT * FROM {name}"]
            proved = any(
                world.attempt("stranger", statement, each).sqlstate not in ("", "42501", "23505")
                for each in tries
                for statement in statements
            )
        yield Probe(f"{table.name} raises", _claimed(world, table), proved)


def _named_settings(world: World, table: Table) -> set[str]:
    import re

    rows = world.connection.execute(
        "SELECT coalesce(qual, '') || coalesce(with_check, '') FROM pg_policies WHERE tablename = %s",
        [table.name],
    )
    return {name for (text,) in rows for name in re.findall(r"current_setting\('([^']+)'", text)}


def row_security_not_forced(world: World) -> Iterator[Probe]:
    """The owner sees all rows."""
    for table in world.project.tenant_tables:
        if not table.row_security:
            continue
        with world.undone():
            world.connection.execute("CREATE ROLE keeper_of_all")
            world.connection.execute(
                f"ALTER TABLE {world.project.sql(table)} OWNER TO keeper_of_all".encode()
            )
            world.fill(table, A)
            seen = world.attempt("keeper_of_all", f"SELECT FROM {world.project.sql(table)}").rows
        yield Probe(f"the owner of {table.name} sees it", _claimed(world, table), seen > 0)


def partition_without_row_security(world: World) -> Iterator[Probe]:
    """A role that may read a partition of a protected table sees its rows, or can't read it."""
    for table in world.project.governed_tables:
        if world.project.protected_ancestor(table) is None:
            continue
        active = world.ask(
            "SELECT relrowsecurity FROM pg_class WHERE oid = %s::regclass", world.project.sql(table)
        )
        with world.undone():
            can_read = any(world.can(role, "SELECT", table) for role in world.app_roles)
        yield Probe(f"{table.name} is open", _claimed(world, table), can_read and not active)


def policy_missing(world: World) -> Iterator[Probe]:
    """What privileges let a role do finds no row, or is refused by row security."""
    for table in world.project.governed_tables:
        if not table.row_security:
            continue
        for role in world.app_roles:
            denied = {command for command in COMMANDS if _is_denied(world, role, command, table)}
            claimed = (world.name(table), role) in world.claims()
            yield Probe(f"{role} is denied {sorted(denied)} on {table.name}", claimed, bool(denied))


def _is_denied(world: World, role: str, command: str, table: Table) -> bool:
    name = world.project.sql(table)
    if not world.holds(role, command, name):
        return False
    column = table.columns[0].name
    statements = {
        "SELECT": f"SELECT FROM {name}",
        "INSERT": f"INSERT INTO {name} SELECT * FROM copy",
        "UPDATE": f'UPDATE {name} SET "{column}" = DEFAULT',
        "DELETE": f"DELETE FROM {name}",
    }
    with world.undone():
        world.fill(table, A)
        world.connection.execute(f"CREATE TEMP TABLE copy AS SELECT * FROM {name}".encode())
        world.connection.execute(f'GRANT ALL ON copy TO "{role}"'.encode())
        found: Attempt = world.attempt(role, statements[command], _settings(world, A))
        return found == Attempt("", 0) or found.sqlstate == "42501"


def policy_reads_ungranted(world: World) -> Iterator[Probe]:
    """Reading the table fails for want of a privilege on another."""
    for table in world.project.governed_tables:
        if not world.project.policies(table):
            continue
        with world.undone():
            roles = [
                role
                for role in world.app_roles
                if world.can(role, "SELECT", table) and world.holds(role, "SELECT", world.project.sql(table))
            ]
        proved = any(_seen(world, role, table, granted=False)[0] == "42501" for role in roles)
        yield Probe(f"the policies of {table.name} can't read", _claimed(world, table), proved)


def policy_recursion(world: World) -> Iterator[Probe]:
    """Reading one of the tables is an infinite recursion."""
    reported = "\n".join(finding.message for finding in world.findings)
    for table in world.project.governed_tables:
        with world.undone():
            world.connection.execute(
                "CREATE ROLE stranger; GRANT SELECT ON ALL TABLES IN SCHEMA public TO stranger"
            )
            proved = world.attempt("stranger", f"SELECT FROM {world.project.sql(table)}").sqlstate == "42P17"
        yield Probe(f"{table.name} recurses", f"`{table.name}`" in reported, proved)


def bypass_role(world: World) -> Iterator[Probe]:
    """The role, or one that it becomes, has the attribute."""
    for role in world.app_roles:
        proved = any(
            world.ask("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", one)
            for one in world.reach(role)
        )
        claimed = any(claim[0] == role for claim in world.claims())
        yield Probe(f"{role} bypasses", claimed, proved)


def policy_dropped_by_cascade(world: World) -> Iterator[Probe]:
    """The policy is not there any more, and its table is."""
    for finding in world.findings:
        _rule, of, policy = finding.key.split(":")
        there = world.ask(
            "SELECT EXISTS (SELECT FROM pg_policies WHERE schemaname || '.' || tablename = %s AND policyname = %s)",
            of,
            policy,
        )
        yield Probe(
            f"{policy} is gone",
            claimed=True,
            proved=not there and world.ask("SELECT to_regclass(%s) IS NOT NULL", of),
        )
    for table in world.project.governed_tables:
        for one in world.project.policies(table):
            there = world.ask(
                "SELECT EXISTS (SELECT FROM pg_policies WHERE tablename = %s AND policyname = %s)",
                table.name,
                one.name,
            )
            yield Probe(
                f"{one.name} of {table.name} is gone",
                (world.name(table), one.name) in world.claims(),
                not there,
            )
