"""
Privileges: what each rule says that a role has, the server says as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.api import Function, Relation, Revoked, Schema
from schemaguard.catalog.model import PUBLIC
from tests.rules_on_server.probes.world import Probe, World

if TYPE_CHECKING:
    from collections.abc import Iterator

PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
WRITES = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")


def privilege_outside_matrix(world: World) -> Iterator[Probe]:
    """What the matrix does not allow and the server does is claimed, but for what other rules are for."""
    project = world.project
    for relation in (*project.governed_tables, *project.governed_views):
        row = project.matrix_row(relation)
        if row is None:
            continue
        for role in project.matrix_roles:
            for privilege in PRIVILEGES:
                claimed = (world.name(relation), f"{role.name}:{privilege}") in world.exposures()
                proved = any(
                    world.holds(each, privilege, project.sql(relation)) for each in world.reach(role.name)
                )
                elsewhere = role in project.readonly_roles and privilege in WRITES
                public = _public(world, relation, privilege)
                if (
                    privilege in row.allowed(role.name)
                    or elsewhere
                    or public
                    or (proved and not claimed and _columns_allowed(world, relation, role.name, privilege))
                ):
                    continue
                yield Probe(f"{role.name} {privilege} {relation.name}", claimed, proved)


def _public(world: World, relation: Relation, privilege: str) -> bool:
    return world.holds("public", privilege, world.project.sql(relation))


def _columns_allowed(world: World, relation: Relation, role: str, privilege: str) -> bool:
    """Whether the role has the privilege on columns only, and each of them is in the matrix (``update(note)``)."""
    row = world.project.matrix_row(relation)
    name = world.project.sql(relation)
    text = row.text(role) if row is not None else ""
    if privilege not in ("SELECT", "INSERT", "UPDATE", "REFERENCES"):
        return False
    ask = "SELECT has_column_privilege(%s::name, %s, %s::name, %s)"
    held = [column.name for column in relation.columns if world.ask(ask, role, name, column.name, privilege)]
    on_table = world.ask("SELECT has_table_privilege(%s::name, %s, %s)", role, name, privilege)
    return not on_table and all(column in text for column in held)


def privilege_missing(world: World) -> Iterator[Probe]:
    """What the matrix demands works in the end, or is claimed."""
    project = world.project
    for relation in project.governed_tables:
        row = project.matrix_row(relation)
        for role in project.matrix_roles:
            if row is None:
                continue
            with world.undone():
                works = all(
                    _works(world, role.name, privilege, relation) for privilege in row.demanded(role.name)
                )
            claimed = any(claim[:2] == (world.name(relation), role.name) for claim in world.claims())
            yield Probe(f"{role.name} can't {row.demanded(role.name)} {relation.name}", claimed, not works)


def _works(world: World, role: str, privilege: str, relation: Relation) -> bool:
    name = world.project.sql(relation)
    statements = {
        "SELECT": [f"SELECT FROM {name}"],
        "INSERT": [f"INSERT INTO {name} DEFAULT VALUES"],
        "UPDATE": [f'UPDATE {name} SET "{column.name}" = DEFAULT WHERE false' for column in relation.columns],
        "DELETE": [f"DELETE FROM {name}"],
    }
    return any(world.attempt(role, statement).allowed for statement in statements[privilege])


def public_privilege(world: World) -> Iterator[Probe]:
    """Everybody has it who has nothing else: a role that was just made."""
    project = world.project
    sequences = [one for one in project.catalog.all(Relation) if one.kind == "S"]
    for relation in (*project.governed_tables, *project.governed_views, *sequences):
        row = project.matrix_row(relation)
        for privilege in ("USAGE", "SELECT", "UPDATE") if relation.kind == "S" else PRIVILEGES:
            claimed = (world.name(relation), f"PUBLIC:{privilege}") in world.exposures()
            function = "has_sequence_privilege" if relation.kind == "S" else "has_table_privilege"
            proved = world.ask(f"SELECT {function}('public', %s, %s)", project.sql(relation), privilege)
            if relation.kind != "S":
                proved = proved or world.holds("public", privilege, project.sql(relation))
            if row is not None and privilege in row.allowed("PUBLIC"):
                continue
            yield Probe(f"PUBLIC {privilege} {relation.name}", claimed, proved)


def readonly_role_writes(world: World) -> Iterator[Probe]:
    """A read-only role tries to write."""
    project = world.project
    for relation in (*project.governed_tables, *project.governed_views):
        for role in world.role_names(project.readonly_roles):
            for privilege in WRITES:
                if project.is_append_only(relation.oid) and privilege != "INSERT":
                    continue
                with world.undone():
                    proved = world.somehow(role, privilege, relation)
                claimed = (world.name(relation), f"{role}:{privilege}") in world.exposures()
                yield Probe(f"{role} {privilege} {relation.name}", claimed, proved)


def grant_option_to_app(world: World) -> Iterator[Probe]:
    """The role may pass the privilege on."""
    project = world.project
    for role in world.app_roles:
        for relation in (*project.governed_tables, *project.governed_views):
            proved = any(
                world.holds(role, f"{one} WITH GRANT OPTION", project.sql(relation)) for one in PRIVILEGES[:5]
            )
            claimed = (world.name(relation), role) in world.claims()
            if not world.owns(role, relation):
                yield Probe(f"{role} grants on {relation.name}", claimed, proved)
        for (group,) in world.connection.execute(
            "SELECT rolname FROM pg_roles WHERE oid >= 16384"
        ).fetchall():
            proved = world.ask(
                "SELECT EXISTS (SELECT FROM pg_auth_members "
                "WHERE admin_option AND member = %s::regrole AND roleid = %s::regrole)",
                f'"{role}"',
                f'"{group}"',
            )
            yield Probe(f"{role} grants {group}", (role, group) in world.claims(), proved)


def default_privileges_too_wide(world: World) -> Iterator[Probe]:
    """Somebody makes a table, and others come to it."""
    row = world.project.default_matrix_row
    for entry in world.project.catalog.default_acls.values():
        creator = world.project.role_name(entry.role)
        if entry.objtype != "r":
            continue
        for name in (*world.app_roles, "public"):
            key = "PUBLIC" if name == "public" else name
            allowed = row.allowed(key) if row is not None else ()
            with world.undone():
                world.connection.execute(f'CREATE SCHEMA s AUTHORIZATION "{creator}"')
                world.connection.execute(f'SET LOCAL ROLE "{creator}"')
                world.connection.execute("CREATE TABLE s.fresh (id integer)")
                world.connection.execute("RESET ROLE")
                held = {one for one in PRIVILEGES if one not in allowed and world.holds(name, one, "s.fresh")}
                if name != "public":
                    held -= {one for one in PRIVILEGES if world.holds("public", one, "s.fresh")}
            claimed = {
                one
                for claim in world.claims()
                if claim[0].endswith(creator) and claim[1] == key
                for one in claim[2].split(", ")
            }
            yield Probe(
                f"{name} on tables of {creator}: {sorted(held)}",
                bool(claimed),
                bool(held) and claimed >= held,
            )


def revoke_without_effect(world: World) -> Iterator[Probe]:
    """After all, the grantee has what was revoked from it."""
    project = world.project
    for step in project.history.steps:
        for event in step.events:
            if not isinstance(event, Revoked) or event.default or event.grantee == PUBLIC:
                continue
            relation, role = project.catalog.objects.get(event.object), project.role_name(event.grantee)
            if not isinstance(relation, Relation):
                continue
            line = event.because.span.location.line
            claimed = any(one.location.line == line for one in world.findings)
            proved = world.holds(role, event.privilege, project.sql(relation)) and not _given_anew(
                world, event.object, event.grantee, event.privilege, step.statement.number
            )
            yield Probe(f"{role} {event.privilege} {relation.name}", claimed, proved)


def _given_anew(world: World, oid: int, grantee: int, privilege: str, number: int) -> bool:
    acl = getattr(world.project.catalog.objects[oid], "acl", None) or ()
    return any(
        item.grantee == grantee
        and item.privilege == privilege
        and item.because is not None
        and item.because.statement.number > number
        for item in acl
    )


def role_escalation(world: World) -> Iterator[Probe]:
    """The role becomes the owner."""
    owners = {role.name for role in world.project.owner_roles} - {"postgres"}
    for role in world.app_roles:
        if role in owners:
            continue
        for owner in owners:
            proved = world.ask(
                "SELECT pg_has_role(%s::name, %s::name, 'USAGE') OR pg_has_role(%s::name, %s::name, 'SET')",
                role,
                owner,
                role,
                owner,
            )
            yield Probe(f"{role} is {owner}", (role, owner) in world.claims(), proved)


def definer_function_exposed(world: World) -> Iterator[Probe]:
    """A role that was just made calls it, and it runs as its owner."""
    for function in world.project.catalog.all(Function):
        if (
            world.project.type_name(function.returns) in ("trigger", "event_trigger")
            if function.returns
            else False
        ):
            continue
        name = world.project.sql(function)
        proved = world.ask(
            "SELECT has_function_privilege('public', %s, 'EXECUTE') AND prosecdef "
            "FROM pg_proc WHERE oid = %s::regprocedure",
            name,
            name,
        )
        claimed = any(
            claim[0].startswith(world.project.catalog.qualified(function)) for claim in world.claims()
        )
        yield Probe(f"PUBLIC executes {name}", claimed, proved)


def schema_create_privilege(world: World) -> Iterator[Probe]:
    """Somebody makes a table there."""
    for schema in world.project.catalog.all(Schema):
        if schema.oid < 16384 and schema.name != "public":
            continue
        public = world.ask("SELECT has_schema_privilege('public', %s, 'CREATE')", schema.name)
        yield Probe(f"PUBLIC creates in {schema.name}", (schema.name, "PUBLIC") in world.claims(), public)
        for role in world.app_roles:
            if public or world.ask("SELECT rolsuper FROM pg_roles WHERE rolname = %s", role):
                continue
            with world.undone():
                proved = world.attempt(role, f'CREATE TABLE "{schema.name}".fresh ()').allowed
            yield Probe(f"{role} creates in {schema.name}", (schema.name, role) in world.claims(), proved)
