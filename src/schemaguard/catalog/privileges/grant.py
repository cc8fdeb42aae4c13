"""GRANT and REVOKE on one object, once the statement's names are resolved (`ExecGrant_…` of `aclchk.c`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from schemaguard.catalog.errors import INSUFFICIENT_PRIVILEGE, INVALID_GRANT, Opaque, Refused
from schemaguard.catalog.events import Revoked
from schemaguard.catalog.model import PUBLIC, Acl, AclItem, Relation, Sequence
from schemaguard.catalog.privileges.acl import default_acl, effective_acl, objtype_of, rights, same_rights
from schemaguard.catalog.privileges.membership import reached
from schemaguard.catalog.privileges.predefined import PG_READ_ALL_DATA, PG_WRITE_ALL_DATA, data_role
from schemaguard.catalog.privileges.update import add, best_grantor, find, holds_any, remove

if TYPE_CHECKING:
    from collections.abc import Container

    from schemaguard.catalog.model import Column
    from schemaguard.catalog.session import Run
    from schemaguard.catalog.state import Catalog


class Grant(NamedTuple):
    """What a GRANT or REVOKE says, apart from the objects.

    `privileges` None stands for ALL; `grantees` holds 0 for PUBLIC. `option`: WITH GRANT OPTION or GRANT OPTION FOR.
    `columns`: privileges that stand with a column list, as (privilege or None for ALL, column names).
    """

    is_grant: bool
    privileges: tuple[str, ...] | None
    grantees: tuple[int, ...]
    option: bool = False
    cascade: bool = False
    columns: tuple[tuple[str | None, tuple[str, ...]], ...] = ()


def apply_to_object(run: Run, grant: Grant, oid: int) -> None:
    """Carry the statement out on a schema, routine, type or other object without columns."""
    record = run.catalog.objects[oid]
    if grant.columns:
        raise Opaque("column privileges of system tables are not modelled")
    objtype = objtype_of(record)
    wanted = rights(run.catalog.version, objtype) if grant.privileges is None else grant.privileges
    acl = effective_acl(run.catalog, record)
    what = f"{_WORDS[objtype]} {record.name}"
    grantor, allowed = _allowed(run, wanted, acl, record, what)
    acl = merge(run, grant, acl, record.owner, grantor, allowed, wanted, (oid, 0, objtype))
    if objtype == "p" and same_rights(acl, default_acl(run.catalog, record.owner, objtype)):
        run.catalog.store(msgspec.structs.replace(record, acl=None))
    else:
        run.catalog.store(msgspec.structs.replace(record, acl=acl))


_WORDS = {
    "f": "function",
    "T": "type",
    "n": "schema",
    "d": "database",
    "l": "language",
    "t": "tablespace",
    "F": "foreign-data wrapper",
    "s": "foreign server",
    "L": "large object",
    "p": "parameter",
    "r": "table",
    "S": "sequence",
}
"""How `permission denied for …` names an object."""


def apply_to_relation(run: Run, grant: Grant, oid: int, *, as_sequence: bool = False) -> None:
    """Carry the statement out on a table, view or sequence and on its columns.

    `as_sequence`: it was GRANT ON SEQUENCE, where the privileges have been checked already.
    """
    catalog = run.catalog
    relation = catalog.get(oid, Relation)
    wanted = _relation_privileges(run, grant, relation, as_sequence=as_sequence)
    by_column = _column_privileges(run, grant, relation)
    implied: dict[int, set[str]] = {}
    if not grant.is_grant:
        # A privilege that is taken from the table is taken from each of its columns.
        on_columns = {name for name in wanted if name in _COLUMN_RIGHTS}
        implied = {column.number: on_columns for column in relation.columns if on_columns and column.acl}
    acl = effective_acl(catalog, relation)
    new_acl = acl if relation.acl is not None else None
    if wanted:
        grantor, allowed = _allowed(run, wanted, acl, relation, _named(relation))
        touched = {
            (item.grantee, item.privilege)
            for column in relation.columns
            for item in column.acl
            if column.number in implied and item.grantor == grantor
        }
        new_acl = merge(
            run, grant, acl, relation.owner, grantor, allowed, wanted, (oid, 0, objtype_of(relation)), touched
        )
    columns = relation.columns
    if by_column or implied:
        columns = tuple(
            _apply_to_column(run, grant, relation, column, acl, by_column, implied) for column in columns
        )
    catalog.store(msgspec.structs.replace(relation, acl=new_acl, columns=columns))


SYSTEM_COLUMNS = frozenset(("tableoid", "cmax", "xmax", "cmin", "xmin", "ctid"))
_COLUMN_RIGHTS = frozenset(("SELECT", "INSERT", "UPDATE", "REFERENCES"))


def _named(relation: Relation) -> str:
    return f"{'sequence' if isinstance(relation, Sequence) else 'table'} {relation.name}"


def _relation_privileges(run: Run, grant: Grant, relation: Relation, *, as_sequence: bool) -> tuple[str, ...]:
    """The privileges of the statement that this kind of relation has; GRANT … ON TABLE takes sequences, too."""
    known = rights(run.catalog.version, objtype_of(relation))
    if grant.privileges is None:
        return () if grant.columns else known
    if as_sequence or isinstance(relation, Sequence):
        return tuple(name for name in grant.privileges if name in known)  # a warning only
    if "USAGE" in grant.privileges:
        raise Refused(INVALID_GRANT, "invalid privilege type USAGE for table")
    return grant.privileges


def _column_privileges(run: Run, grant: Grant, relation: Relation) -> dict[int, set[str]]:
    """Attribute number to the privileges that the statement names for it."""
    from schemaguard.catalog.relations import require_column

    found: dict[int, set[str]] = {}
    for privilege, names in grant.columns:
        privileges = set(_COLUMN_RIGHTS) if privilege is None else {privilege}
        if not privileges <= _COLUMN_RIGHTS:
            raise Refused(INVALID_GRANT, f"invalid privilege type {privilege} for column")
        if isinstance(relation, Sequence):
            privileges &= {"SELECT"}  # a warning only
        for name in names:
            if name in SYSTEM_COLUMNS:
                raise Opaque(f"privileges on system columns ({name}) are not modelled")
            found.setdefault(require_column(relation, name).number, set()).update(privileges)
    return found


def _apply_to_column(  # noqa: PLR0913 - what one column needs of the statement and of its table
    run: Run,
    grant: Grant,
    relation: Relation,
    column: Column,
    table_acl: Acl,
    named: dict[int, set[str]],
    implied: dict[int, set[str]],
) -> Column:
    explicit = named.get(column.number, set())
    wanted = explicit | implied.get(column.number, set())
    if not wanted:
        return column
    ordered = tuple(name for name in rights(run.catalog.version, "c") if name in wanted)
    what = f'column "{column.name}" of relation "{relation.name}"'
    both = (*table_acl, *column.acl)
    grantor, allowed = _allowed(run, ordered, both, relation, what)
    place = (relation.oid, column.number, "c")
    acl = merge(run, grant, column.acl, relation.owner, grantor, allowed, ordered, place, noted=explicit)
    return msgspec.structs.replace(column, acl=acl)


def _allowed(
    run: Run,
    wanted: tuple[str, ...],
    acl: Acl,
    record: Any,
    what: str,  # noqa: ANN401 - any record with an owner
) -> tuple[int, frozenset[str]]:
    """The grantor of record, and which of the privileges it may grant or revoke.

    Raises:
        Refused: the role in force has nothing at all on the object.
    """
    catalog, role = run.catalog, run.session.role
    grantor, allowed = best_grantor(catalog, role, wanted, acl, record.owner)
    if not allowed and not holds_any(catalog, acl, record.owner, grantor):
        if not _everywhere(catalog, record) & reached(catalog, grantor, "inherit").keys():
            raise Refused(INSUFFICIENT_PRIVILEGE, f"permission denied for {what}")
    return grantor, allowed


def _everywhere(catalog: Catalog, record: Any) -> set[int]:  # noqa: ANN401 - any record
    """The predefined roles whose members have some privilege on the object."""
    if isinstance(record, Relation):
        return {data_role(catalog.version, name) for name in ("SELECT", "UPDATE", "MAINTAIN")} - {0}
    if objtype_of(record) == "n" and catalog.version >= 14:
        return {PG_READ_ALL_DATA, PG_WRITE_ALL_DATA}
    return set()


def merge(  # noqa: PLR0913 - one parameter more than the server's function of the same job
    run: Run,
    grant: Grant,
    acl: Acl,
    owner: int,
    grantor: int,
    allowed: frozenset[str],
    wanted: tuple[str, ...],
    place: tuple[int, int, str],
    touched: Container[tuple[int, str]] = (),
    noted: set[str] | None = None,
) -> Acl:
    """The list after the statement; a REVOKE leaves a `Revoked` event for each grantee and privilege.

    `place`: object, column and type of the object, for the events. `touched`: what the REVOKE takes from columns, so that
    it is not without effect. `noted`: leave events only for these.
    """
    because = run.origin()
    for grantee in grant.grantees:
        if grant.is_grant and grant.option and grantee == PUBLIC:
            raise Refused(INVALID_GRANT, "grant options can only be granted to roles")
        for privilege in wanted:
            entry = AclItem(grantee, privilege, grantor, grant.is_grant and grant.option, because)
            if grant.is_grant:
                if privilege in allowed:
                    acl = add(run.catalog, acl, owner, entry)
                continue
            before = find(acl, grantee, privilege, grantor) if privilege in allowed else None
            if before is not None:
                acl = remove(run.catalog, acl, owner, before, option_only=grant.option, cascade=grant.cascade)
            if noted is None or privilege in noted:
                removed = before is not None and (before.grantable or not grant.option)
                removed = removed or (grantee, privilege) in touched
                run.event(_revoked(run, place, grantee, privilege, removed=removed))
    return acl


def _revoked(
    run: Run, place: tuple[int, int, str], grantee: int, privilege: str, *, removed: bool
) -> Revoked:
    oid, column, objtype = place
    return Revoked(
        object=oid,
        column=column,
        grantee=grantee,
        privilege=privilege,
        removed=removed,
        objtype=objtype,
        because=run.origin(),
    )
