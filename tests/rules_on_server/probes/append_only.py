"""
Append-only tables: what is said to change their rows does, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from schemaguard.api import Function, Table, View
from tests.rules_on_server.probes.world import A, Attempt, Probe, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Relation

EVENTS = ("UPDATE", "DELETE")


def append_only_mutable(world: World) -> Iterator[Probe]:
    """UPDATE and DELETE by each role that does not own the table."""
    yield from _privileges(world, ("UPDATE", "DELETE"))


def append_only_truncatable(world: World) -> Iterator[Probe]:
    """TRUNCATE likewise."""
    yield from _privileges(world, ("TRUNCATE",))


def append_only_trigger_privilege(world: World) -> Iterator[Probe]:
    """CREATE TRIGGER likewise."""
    yield from _privileges(world, ("TRIGGER",))


def _privileges(world: World, privileges: tuple[str, ...]) -> Iterator[Probe]:
    for each in world.project.append_only_tables:
        for role in world.app_roles:
            if world.owns(role, each.table):
                continue
            for privilege in privileges:
                with world.undone():
                    others = [one for one in world.reach(role) if not world.owns(one, each.table)]
                    proved = any(world.can(one, privilege, each.table) for one in others)
                key = (world.name(each.table), role, *([privilege] if len(privileges) > 1 else []))
                yield Probe(f"{role} {privilege} {each.table.name}", key in world.claims(), proved)


def append_only_owned(world: World) -> Iterator[Probe]:
    """The role switches the guard off."""
    for each in world.project.append_only_tables:
        for role in world.app_roles:
            name = world.project.sql(each.table)
            with world.undone():
                proved = any(
                    world.attempt(one, f"ALTER TABLE {name} DISABLE TRIGGER USER").allowed
                    for one in world.reach(role)
                )
            yield Probe(f"{role} owns {name}", (world.name(each.table), role) in world.claims(), proved)


def append_only_cascade(world: World) -> Iterator[Probe]:
    """A parent's row is deleted, or its key updated:  and the child's row is another one then, or gone."""
    for each in world.project.append_only_tables:
        for key in world.project.catalog.constraints(each.table.oid):
            if key.type != "f":
                continue
            parent = world.project.catalog.get(key.ref_table, Table)
            for command in ("DELETE", "UPDATE"):
                with world.undone():
                    proved = _reaches(world, each.table, parent, key.columns[0], key.ref_columns[0], command)
                claimed = any(
                    claim[0].endswith(f".{key.name}") and claim[1] == command for claim in world.claims()
                )
                yield Probe(f"{command} of {parent.name} by {key.name}", claimed, proved)


def _reaches(world: World, child: Table, parent: Table, column: int, target: int, command: str) -> bool:
    names = child.column_at(column), parent.column_at(target)
    assert names[0] is not None
    assert names[1] is not None
    world.fill(parent, A)
    world.fill(child, A)
    one, other = world.project.sql(child), world.project.sql(parent)
    row = world.connection.execute(f"SELECT {names[1].name} FROM {other}".encode()).fetchone()
    world.connection.execute("SET LOCAL session_replication_role = replica")
    for name in _referring(world, child):  # what other keys say must not matter
        world.connection.execute(f"UPDATE {one} SET {name} = NULL".encode())
    world.connection.execute(f"UPDATE {one} SET {names[0].name} = %s".encode(), row)
    world.connection.execute("SET LOCAL session_replication_role = origin")
    before = world.connection.execute(f"SELECT * FROM {one}".encode()).fetchall()
    new = f"UPDATE {other} SET {names[1].name} = {world._sample(parent, names[1].name)}"
    world.connection.execute("SAVEPOINT change")
    try:
        world.connection.execute((f"DELETE FROM {other}" if command == "DELETE" else new).encode())
    except psycopg.Error:  # the key restricts, so that nothing is changed
        world.connection.execute("ROLLBACK TO SAVEPOINT change")
    return world.connection.execute(f"SELECT * FROM {one}".encode()).fetchall() != before


def _referring(world: World, table: Table) -> list[str]:
    """The columns of foreign keys that can be NULL."""
    numbers = {
        number
        for key in world.project.catalog.constraints(table.oid)
        if key.type == "f"
        for number in key.columns
    }
    return [column.name for column in table.columns if column.number in numbers and not column.not_null]


def append_only_writable_view(world: World) -> Iterator[Probe]:
    """A row is changed through the view by a role that can't change it in the table."""
    for each in world.project.append_only_tables:
        for view in world.project.catalog.all(View):
            if each.table not in world.project.tables_under(view):
                continue
            for role in world.app_roles:
                for event in EVENTS:
                    with world.undone():
                        world.fill(each.table, A)
                        proved = _change(world, role, event, view).rows > 0 and not world.somehow(
                            role, event, each.table
                        )
                    claimed = (world.name(view), each.table.name, role, event) in world.claims()
                    yield Probe(f"{role} {event} {view.name}", claimed, proved)


def _change(world: World, role: str | None, event: str, relation: Relation) -> Attempt:
    name, column = world.project.sql(relation), relation.columns[-1].name
    statement = f'UPDATE {name} SET "{column}" = "{column}"' if event == "UPDATE" else f"DELETE FROM {name}"
    return world.attempt(role, statement)


def append_only_definer_function(world: World) -> Iterator[Probe]:
    """The role may call it, and it runs as another who changes the table by a statement of its body."""
    tables = {each.table.name for each in world.project.append_only_tables}
    for function in world.project.catalog.all(Function):
        name = world.project.sql(function)
        for role in world.app_roles:
            may = world.ask("SELECT has_function_privilege(%s::name, %s, 'EXECUTE')", role, name)
            other = world.ask("SELECT prosecdef FROM pg_proc WHERE oid = %s::regprocedure", name)
            changes = any(
                f"{word} {of}{table}" in function.body
                for word in ("UPDATE", "DELETE FROM", "TRUNCATE")
                for of in ("", "public.")
                for table in tables
            )
            claimed = any(
                claim[0].startswith(world.project.catalog.qualified(function)) for claim in world.claims()
            )
            yield Probe(f"{role} calls {name}", claimed, may and other and changes)


def guard_trigger_missing(world: World) -> Iterator[Probe]:
    """Neither an UPDATE nor a DELETE of any role is refused."""
    for each in world.project.append_only_tables:
        if each.demands.guard == "required" and not (each.is_part and each.table.is_partition):
            refused = [
                _is_refused(world, role, event, each.table) for role in _everybody(world) for event in EVENTS
            ]
            yield Probe(
                f"{each.table.name} has no guard",
                (world.name(each.table),) in world.claims(),
                not any(refused),
            )


def guard_trigger_incomplete(world: World) -> Iterator[Probe]:
    """Some UPDATE or DELETE of a role of the application gets through."""
    for each in world.project.append_only_tables:
        refused = [
            _is_refused(world, role, event, each.table) for role in world.app_roles for event in EVENTS
        ]
        late = any(
            trigger.timing == "after" or trigger.level != "row"
            for trigger in world.project.refusing_triggers(each.table)
        )
        if (
            each.demands.guard == "required" and not late
        ):  # those refuse, too, but not before, or not each row
            yield Probe(
                f"{each.table.name} has gaps", (world.name(each.table),) in world.claims(), not all(refused)
            )


def _everybody(world: World) -> list[str]:
    return [name for (name,) in world.connection.execute("SELECT rolname FROM pg_roles WHERE oid >= 16384")]


def _is_refused(world: World, role: str, event: str, table: Table) -> bool:
    with world.undone():
        world.fill(table, A)
        _let_in(world, role, table)
        return _change(world, role, event, table).sqlstate != ""


def _let_in(world: World, role: str, table: Table) -> None:
    """Give a role all privileges, so that only triggers are left to refuse it."""
    schema = world.project.catalog.schema_name(table.schema)
    world.connection.execute(f'GRANT USAGE ON SCHEMA "{schema}" TO "{role}"')
    world.connection.execute(f'GRANT ALL ON {world.project.sql(table)} TO "{role}"'.encode())


def guard_trigger_swallows(world: World) -> Iterator[Probe]:
    """Somebody's change succeeds and changes nothing."""
    for each in world.project.append_only_tables:
        swallowed = False
        for role in _everybody(world):
            for event in EVENTS:
                with world.undone():
                    world.fill(each.table, A)
                    _let_in(world, role, each.table)
                    swallowed = swallowed or _change(world, role, event, each.table) == Attempt("", 0)
        claimed = any(claim[0].startswith(f"{world.name(each.table)}.") for claim in world.claims())
        yield Probe(f"{each.table.name} swallows", claimed, swallowed)


def truncate_guard_missing(world: World) -> Iterator[Probe]:
    """The superuser empties the table, or a partition of it."""
    for each in world.project.append_only_tables:
        if each.is_part or each.demands.guard != "required":
            continue
        parts = [one.table for one in world.project.append_only_tables if one.root.oid == each.table.oid]
        with world.undone():
            proved = any(
                not world.attempt(None, f"TRUNCATE {world.project.sql(part)}").sqlstate for part in parts
            )
        yield Probe(f"TRUNCATE {each.table.name}", (world.name(each.table),) in world.claims(), proved)


def append_only_rule_rewrites(world: World) -> Iterator[Probe]:
    """A change succeeds and changes nothing of the table."""
    for each in world.project.append_only_tables:
        names = {claim[0].rpartition(".")[2] for claim in world.claims()}
        for event in EVENTS:
            rules = [
                rule.name
                for rule in world.project.catalog.rules(each.table.oid)
                if rule.event == event.lower()
            ]
            with world.undone():
                world.fill(each.table, A)
                proved = _change(world, None, event, each.table) == Attempt("", 0)
            yield Probe(f"{event} of {each.table.name} is rewritten", not names.isdisjoint(rules), proved)
