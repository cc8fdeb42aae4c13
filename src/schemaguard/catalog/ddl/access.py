"""Roles, who owns what, and who may do what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.bootstrap import new_catalog
from schemaguard.catalog.ddl.writer import literal
from schemaguard.catalog.model import CompositeType, Function, Index, Relation, Role, Schema, Sequence, Type
from schemaguard.catalog.names import quote_identifier
from schemaguard.catalog.privileges.acl import default_acl
from schemaguard.catalog.privileges.membership import GRANT_OPTIONS_SINCE
from schemaguard.catalog.state import SUPERUSER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from schemaguard.catalog.ddl.writer import Writer
    from schemaguard.catalog.model import Acl, AclItem, Membership

_ATTRIBUTES = ("superuser", "inherit", "createrole", "createdb", "login", "replication", "bypassrls")
_OBJECT_TYPES = {
    "r": "TABLES",
    "S": "SEQUENCES",
    "f": "FUNCTIONS",
    "T": "TYPES",
    "n": "SCHEMAS",
    "L": "LARGE OBJECTS",
}


def roles(writer: Writer) -> None:
    """The roles, and whose the database is."""
    for role in writer.catalog.all(Role):
        if role.predefined or role.oid == SUPERUSER:
            continue
        words = " ".join(f"{'' if getattr(role, name) else 'NO'}{name.upper()}" for name in _ATTRIBUTES)
        writer.say(f"CREATE ROLE {quote_identifier(role.name)} {words}")
    owner = writer.catalog.facts["database_owner"]
    if owner != SUPERUSER:
        name = literal(writer.catalog.owner_name(owner))
        writer.say(
            f"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO %I', current_database(), {name}); END $$"
        )


def memberships(writer: Writer) -> None:
    """Who is a member of whom; a grant that rests on another one's ADMIN OPTION after that one."""
    catalog = writer.catalog
    waiting = [each for each in catalog.memberships.values() if not catalog.get(each.member, Role).predefined]
    may: set[tuple[int, int]] = set()
    while waiting:
        ready = [each for each in waiting if each.grantor == SUPERUSER or (each.grantor, each.role) in may]
        for each in ready or waiting:  # what rests on an inherited ADMIN OPTION is left to the end
            writer.say(_membership(writer, each))
            if each.admin:
                may.add((each.member, each.role))
        waiting = [each for each in waiting if each not in ready] if ready else []


def _membership(writer: Writer, grant: Membership) -> str:
    words = f"GRANT {writer.role(grant.role)} TO {writer.role(grant.member)}"
    if writer.catalog.version < GRANT_OPTIONS_SINCE:
        return f"{words}{' WITH ADMIN OPTION' if grant.admin else ''}"
    options = ", ".join(
        f"{name.upper()} {str(getattr(grant, name)).upper()}" for name in ("admin", "inherit", "set")
    )
    by = "" if grant.grantor == SUPERUSER else f" GRANTED BY {writer.role(grant.grantor)}"
    return f"{words} WITH {options}{by}"


def owners(writer: Writer) -> None:
    """Who owns what; sequences of columns and row types go with their table."""
    records: list[Relation | Function | Type] = [
        *writer.all(Relation),
        *writer.all(Function),
        *writer.all(Type),
    ]
    for record in records:
        if record.owner == SUPERUSER or isinstance(record, Index | CompositeType):
            continue
        if isinstance(record, Sequence) and record.owned_by:
            continue
        if isinstance(record, Type) and not _owns_itself(writer, record):
            continue
        address = writer.address(record)
        if address is not None and not _is_implied(writer, record):
            writer.say(f"ALTER {address} OWNER TO {writer.role(record.owner)}")


def _owns_itself(writer: Writer, record: Type) -> bool:
    if record.kind == "c":
        return isinstance(writer.catalog.objects.get(record.relation), CompositeType)
    return record.kind in "edr"


def _is_implied(writer: Writer, record: Any) -> bool:  # noqa: ANN401 - any record
    """Whether it came with a range type, whose owner it has."""
    return isinstance(record, Function) and any(
        edge.kind == "i" and isinstance(writer.catalog.objects.get(on), Type)
        for on, edge in writer.catalog.references.get(record.oid, ())
    )


def privileges(writer: Writer) -> None:
    """The access control lists that are not the built-in ones: emptied, then filled again by each grantor."""
    fresh = new_catalog(writer.catalog.version).schemas
    for schema in writer.all(Schema):
        if schema.acl is None or schema.name.startswith("pg_") or schema.name == "information_schema":
            continue
        known = (
            schema.name in fresh and schema.acl == new_catalog(writer.catalog.version).objects[schema.oid].acl
        )
        if not known:
            _list(writer, f"SCHEMA {quote_identifier(schema.name)}", schema.acl, schema.owner)
    for relation in writer.all(Relation):
        if isinstance(relation, Index | CompositeType):
            continue
        word = "SEQUENCE" if relation.kind == "S" else "TABLE"
        if relation.acl is not None:
            _list(writer, f"{word} {writer.name(relation)}", relation.acl, relation.owner)
        for column in relation.columns:
            on = f"TABLE {writer.name(relation)}"
            # Who may pass on the table's privilege may pass on the column's.
            may = {(item.grantee, item.privilege) for item in relation.acl or () if item.grantable}
            _grants(writer, on, column.acl, relation.owner, f" ({quote_identifier(column.name)})", may)
    for function in writer.all(Function):
        if function.acl is not None:
            _list(writer, f"ROUTINE {writer.routine(function)}", function.acl, function.owner)
    for record in writer.all(Type):
        if record.acl is not None and _owns_itself(writer, record):
            _list(writer, f"TYPE {writer.name(record)}", record.acl, record.owner)


def _list(writer: Writer, on: str, acl: Acl, owner: int) -> None:
    writer.say(f"REVOKE ALL ON {on} FROM PUBLIC, {writer.role(owner)}")
    _grants(writer, on, acl, owner)


def _grants(
    writer: Writer, on: str, acl: Acl, owner: int, columns: str = "", may: Collection[tuple[int, str]] = ()
) -> None:
    """The entries of a list, each after the one that lets its grantor give it (`may`: those who could before)."""
    waiting = list(acl)
    able = set(may)
    while waiting:
        ready = [each for each in waiting if each.grantor == owner or (each.grantor, each.privilege) in able]
        for each in ready:
            _grant(writer, on, each, owner, columns)
            if each.grantable:
                able.add((each.grantee, each.privilege))
        if not ready:
            break
        waiting = [each for each in waiting if each not in ready]
    for each in waiting:
        what = f"{each.privilege}{columns} on {on} for {writer.role(each.grantee)}"
        writer.cannot(what, f"{writer.role(each.grantor)}, who gave it, could not give it any more")


def _grant(writer: Writer, on: str, item: AclItem, owner: int, columns: str) -> None:
    option = " WITH GRANT OPTION" if item.grantable else ""
    grant = f"GRANT {item.privilege}{columns} ON {on} TO {writer.role(item.grantee)}{option}"
    if item.grantor == owner:
        writer.say(grant)
        return
    writer.say(f"SET SESSION AUTHORIZATION {writer.role(item.grantor)}")
    writer.say(grant)
    writer.say("RESET SESSION AUTHORIZATION")


def default_privileges(writer: Writer) -> None:
    """What each role gives away on what it will make: as differences to what is built in."""
    for (role, schema, objtype), entry in writer.catalog.default_acls.items():
        alter = f"ALTER DEFAULT PRIVILEGES FOR ROLE {writer.role(role)}"
        if schema:
            alter += f" IN SCHEMA {quote_identifier(writer.catalog.schema_name(schema))}"
        on = f"ON {_OBJECT_TYPES[objtype]}"
        built_in = () if schema else default_acl(writer.catalog, role, objtype)
        for item in _without(built_in, entry.acl):
            writer.say(f"{alter} REVOKE {item.privilege} {on} FROM {writer.role(item.grantee)}")
        for item in _without(entry.acl, built_in):
            option = " WITH GRANT OPTION" if item.grantable else ""
            writer.say(f"{alter} GRANT {item.privilege} {on} TO {writer.role(item.grantee)}{option}")


def _without(acl: Iterable[AclItem], other: Iterable[AclItem]) -> list[AclItem]:
    """The entries of a list that another one has not, with the same right to pass it on."""
    there = {(item.grantee, item.privilege, item.grantable) for item in other}
    return [item for item in acl if (item.grantee, item.privilege, item.grantable) not in there]
