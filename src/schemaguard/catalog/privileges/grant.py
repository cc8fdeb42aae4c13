"""GRANT and REVOKE on one object, once the statement's names are resolved (`ExecGrant_…` of `aclchk.c`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from schemaguard.catalog.errors import INSUFFICIENT_PRIVILEGE, INVALID_GRANT, Opaque, Refused
from schemaguard.catalog.events import Revoked
from schemaguard.catalog.model import PUBLIC, Acl, AclItem, Relation, Sequence
from schemaguard.catalog.privileges.acl import default_acl, effective_acl, objtype_of, rights, same_rights
from schemaguard.catalog.privileges.membership import reached
from schemaguard.catalog.privileges.predefined import (
    DATA_ROLES_SINCE,
    PG_READ_ALL_DATA,
    PG_WRITE_ALL_DATA,
    data_role,
)
from schemaguard.catalog.privileges.update import add, add_plain, best_grantor, find, holds_any, remove

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


class Place(NamedTuple):
    """What a list of privileges belongs to: an object or its column (0 for none), the type letter, the owner."""

    oid: int
    column: int
    objtype: str
    owner: int


class Powers(NamedTuple):
    """The privileges that a statement names, those of them that may be granted or revoked, and in whose name."""

    wanted: tuple[str, ...]
    allowed: frozenset[str]
    grantor: int


def apply_to_object(run: Run, grant: Grant, oid: int) -> None:
    """Carry the statement out on a schema, routine, type or other object without columns."""
    record = run.catalog.objects[oid]
    if grant.columns:
        raise Opaque("column privileges of system tables are not modelled")
    objtype = objtype_of(record)
    wanted = rights(run.catalog.version, objtype) if grant.privileges is None else grant.privileges
    acl = effective_acl(run.catalog, record)
    powers = _powers(run, wanted, acl, record, f"{_WORDS[objtype]} {record.name}")
    place = Place(oid, 0, objtype, record.owner)
    new_acl: Acl | None = merge(run, grant, acl, place, powers)
    if objtype == "p" and same_rights(new_acl or (), default_acl(run.catalog, record.owner, objtype)):
        new_acl = None
    run.catalog.store(msgspec.structs.replace(record, acl=new_acl))


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
    implied: dict[int, set[str]] = {}
    if not grant.is_grant:
        # A privilege that is taken from the table is taken from each of its columns.
        on_columns = {name for name in wanted if name in _COLUMN_RIGHTS}
        implied = {column.number: on_columns for column in relation.columns if on_columns and column.acl}
    acl = effective_acl(catalog, relation)
    new_acl = relation.acl
    if wanted:
        powers = _powers(run, wanted, acl, relation, _named(relation))
        touched = {
            (item.grantee, item.privilege)
            for column in relation.columns
            for item in column.acl
            if column.number in implied and item.grantor == powers.grantor
        }
        place = Place(oid, 0, objtype_of(relation), relation.owner)
        new_acl = merge(run, grant, acl, place, powers, touched=touched)
    columns = relation.columns
    named = _column_privileges(grant, relation)
    if named or implied:
        columns = tuple(
            _apply_to_column(
                run,
                grant,
                relation,
                column,
                named.get(column.number, set()),
                implied.get(column.number, set()),
            )
            for column in columns
        )
    if new_acl is not relation.acl or columns is not relation.columns:
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


def _column_privileges(grant: Grant, relation: Relation) -> dict[int, set[str]]:
    """Attribute number to the privileges that the statement names for it."""
    found: dict[int, set[str]] = {}
    if not grant.columns:
        return found
    from schemaguard.catalog.relations import require_column

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


def _apply_to_column(
    run: Run, grant: Grant, relation: Relation, column: Column, named: set[str], implied: set[str]
) -> Column:
    """The column after the statement: what it names for the column, and what goes because it goes from the table."""
    wanted = tuple(name for name in rights(run.catalog.version, "c") if name in named or name in implied)
    if not wanted:
        return column
    what = f'column "{column.name}" of relation "{relation.name}"'
    # Who may grant on the table may grant on its columns; `relation` is still as it was before the statement.
    both = (*effective_acl(run.catalog, relation), *column.acl)
    powers = _powers(run, wanted, both, relation, what)
    place = Place(relation.oid, column.number, "c", relation.owner)
    return msgspec.structs.replace(column, acl=merge(run, grant, column.acl, place, powers, noted=named))


def _powers(
    run: Run,
    wanted: tuple[str, ...],
    acl: Acl,
    record: Any,  # noqa: ANN401 - any record with an owner
    what: str,
) -> Powers:
    """In whose name the role in force grants or revokes, and which of the privileges it may.

    Raises:
        Refused: it has nothing at all on the object.
    """
    catalog, role = run.catalog, run.session.role
    if run.session.is_superuser:
        return Powers(wanted, frozenset(wanted), record.owner)
    grantor, allowed = best_grantor(catalog, role, wanted, acl, record.owner)
    if (
        not allowed
        and not holds_any(catalog, acl, record.owner, grantor)
        and not _everywhere(catalog, record) & reached(catalog, grantor, "inherit").keys()
    ):
        raise Refused(INSUFFICIENT_PRIVILEGE, f"permission denied for {what}")
    return Powers(wanted, allowed, grantor)


def _everywhere(catalog: Catalog, record: Any) -> set[int]:  # noqa: ANN401 - any record
    """The predefined roles whose members have some privilege on the object."""
    if isinstance(record, Relation):
        return {data_role(catalog.version, name) for name in ("SELECT", "UPDATE", "MAINTAIN")} - {0}
    if objtype_of(record) == "n" and catalog.version >= DATA_ROLES_SINCE:
        return {PG_READ_ALL_DATA, PG_WRITE_ALL_DATA}
    return set()


def merge(
    run: Run,
    grant: Grant,
    acl: Acl,
    place: Place,
    powers: Powers,
    *,
    touched: Container[tuple[int, str]] = (),
    noted: set[str] | None = None,
) -> Acl:
    """The list after the statement; a REVOKE leaves a `Revoked` event for each grantee and privilege.

    `touched`: grantees and privileges that the REVOKE takes from columns, so that it is not without effect.
    `noted`: leave events only for these privileges.
    """
    because = run.origin()
    for grantee in grant.grantees:
        if grant.is_grant and grant.option and grantee == PUBLIC:
            raise Refused(INVALID_GRANT, "grant options can only be granted to roles")
        if grant.is_grant:
            allowed = [privilege for privilege in powers.wanted if privilege in powers.allowed]
            if not grant.option:
                acl = add_plain(acl, grantee, allowed, powers.grantor, because)
                continue
            for privilege in allowed:
                new = AclItem(grantee, privilege, powers.grantor, grantable=True, because=because)
                acl = add(run.catalog, acl, place.owner, new)
            continue
        for privilege in powers.wanted:
            old = find(acl, grantee, privilege, powers.grantor) if privilege in powers.allowed else None
            if old is not None:
                acl = remove(
                    run.catalog, acl, place.owner, old, option_only=grant.option, cascade=grant.cascade
                )
            if noted is None or privilege in noted:
                removed = old is not None and (old.grantable or not grant.option)
                removed = removed or (grantee, privilege) in touched
                run.event(_revoked(run, place, grantee, privilege, removed=removed))
    return acl


def _revoked(run: Run, place: Place, grantee: int, privilege: str, *, removed: bool) -> Revoked:
    return Revoked(
        object=place.oid,
        column=place.column,
        grantee=grantee,
        privilege=privilege,
        removed=removed,
        objtype=place.objtype,
        because=run.origin(),
    )
