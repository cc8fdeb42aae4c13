"""`has_…_privilege` and `pg_has_role`, answered by the privilege engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemaguard.catalog.errors import INVALID_PARAMETER, UNDEFINED_COLUMN, UNDEFINED_OBJECT, Refused
from schemaguard.catalog.model import PUBLIC, Relation
from schemaguard.plpgsql.functions.session import NOBODY
from schemaguard.plpgsql.values.kinds import Reg, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from schemaguard.plpgsql.context import Context

_TABLE = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")
_COLUMN = ("SELECT", "INSERT", "UPDATE", "REFERENCES")


def _role(context: Context, value: Value) -> int:
    """A role given by name or oid; `public` is PUBLIC."""
    if isinstance(value, (int, Reg)):
        return value.oid if isinstance(value, Reg) else value
    if value == "public":
        return PUBLIC
    if value == NOBODY:
        return -1
    if value not in context.catalog.roles:
        raise Refused(UNDEFINED_OBJECT, f'role "{value}" does not exist')
    return context.catalog.roles[value]


def _object(context: Context, kind: str, value: Value) -> int:
    if isinstance(value, str):
        return context.read_reg(kind, value).oid
    return value.oid if isinstance(value, Reg) else int(value)


def _wanted(text: str, known: tuple[str, ...]) -> list[tuple[str, bool]]:
    """``SELECT, UPDATE WITH GRANT OPTION`` as privileges and whether the grant option is asked for."""
    found = []
    for part in text.split(","):
        word = part.strip().upper()
        option = word.endswith(" WITH GRANT OPTION")
        name = word.removesuffix(" WITH GRANT OPTION")
        if name not in known:
            raise Refused(INVALID_PARAMETER, f'unrecognized privilege type: "{part.strip()}"')
        found.append((name, option))
    return found


def _split(values: tuple[Value, ...], least: int, context: Context) -> tuple[int, tuple[Value, ...]]:
    """The role asked about (the present one where none is given) and the other arguments."""
    if len(values) > least:
        return _role(context, values[0]), values[1:]
    return context.session.role, values


def _holds(context: Context, role: int, privilege: str, oid: int, *, option: bool) -> Value:
    """Whether a role has a privilege on an object (with `option`: may grant it on)."""
    from schemaguard.catalog.privileges.acl import effective_acl
    from schemaguard.catalog.privileges.membership import has_privileges_of, is_superuser
    from schemaguard.catalog.privileges.query import has_privilege

    catalog = context.catalog
    if why := _doubt(context, role, oid):
        return Unknown(why)
    record: Any = catalog.objects.get(oid)
    if role not in catalog.objects and role != PUBLIC:
        role = PUBLIC
    if record is None:
        return None if oid >= 16384 else privilege in ("SELECT", "EXECUTE", "USAGE")
    if role == PUBLIC:
        items = [item for item in effective_acl(catalog, record) if item.grantee == PUBLIC]
        return any(item.privilege == privilege and item.grantable >= option for item in items)
    if not option:
        return has_privilege(catalog, role, privilege, oid)
    return is_superuser(catalog, role) or any(
        item.privilege == privilege
        and (item.grantable or item.grantee == record.owner)
        and (item.grantee == PUBLIC or has_privileges_of(catalog, role, item.grantee))
        for item in effective_acl(catalog, record)
    )


def _or_unknown(context: Context, refused: Refused) -> Unknown:
    """The unknown that an error is where what it misses is perhaps there.

    Raises:
        Refused: it certainly is not.
    """
    from schemaguard.catalog.uncertainty import in_doubt

    if why := in_doubt(context.catalog, refused.message):
        return Unknown(why)
    raise refused


def _doubt(context: Context, *oids: int) -> str:
    """Why what one of the objects may do, or may be done with it, is not known; "" where it is."""
    from schemaguard.catalog.uncertainty import doubts

    known = doubts(context.catalog)
    for oid in oids:
        for reasons in (known.existence, known.facts):
            if (oid, 0) in reasons:
                return reasons[oid, 0]
    return ""


def _check(kind: str, known: tuple[str, ...]) -> Callable[..., Value]:
    def run(context: Context, *values: Value) -> Value:
        try:
            role, (target, text) = _split(values, 2, context)
            oid = _object(context, kind, target)
        except Refused as refused:
            return _or_unknown(context, refused)
        answers = [_holds(context, role, name, oid, option=option) for name, option in _wanted(text, known)]
        unknown = next((answer for answer in answers if isinstance(answer, Unknown)), None)
        return unknown or (None if None in answers else any(answers))

    return run


def _column(context: Context, *values: Value) -> Value:
    from schemaguard.catalog.privileges.query import has_column_privilege

    role, (target, column, text) = _split(values, 3, context)
    oid = _object(context, "regclass", target)
    record = context.catalog.objects.get(oid)
    if not isinstance(record, Relation):
        return None
    found = record.column_at(column) if isinstance(column, int) else record.column(column)
    if found is None:
        if isinstance(column, int):
            return None
        message = f'column "{column}" of relation "{record.name}" does not exist'
        raise Refused(UNDEFINED_COLUMN, message)
    wanted = _wanted(text, _COLUMN)
    if role == PUBLIC or any(option for _name, option in wanted):
        return Unknown("`has_column_privilege` for PUBLIC or a grant option is not evaluated here")
    return any(
        has_column_privilege(context.catalog, role, name, oid, found.number) for name, _option in wanted
    )


def _any_column(context: Context, *values: Value) -> Value:
    role, (target, text) = _split(values, 2, context)
    oid = _object(context, "regclass", target)
    record = context.catalog.objects.get(oid)
    if not isinstance(record, Relation):
        return None
    return any(_column(context, role, oid, column.number, text) for column in record.columns)


def _database(context: Context, *values: Value) -> Value:
    from schemaguard.catalog.privileges.query import can_on_database

    role, (_name, text) = _split(values, 2, context)
    wanted = _wanted(text, ("CREATE", "CONNECT", "TEMPORARY", "TEMP"))
    return any(
        can_on_database(context.catalog, role, "TEMPORARY" if name == "TEMP" else name)
        for name, _option in wanted
    )


def _pg_has_role(context: Context, *values: Value) -> Value:
    from schemaguard.catalog.privileges.membership import (
        can_set_role,
        has_privileges_of,
        is_admin_of,
        is_member_of,
    )

    try:
        member, (target, text) = _split(values, 2, context)
        role = _role(context, target)
    except Refused as refused:
        return _or_unknown(context, refused)
    if why := _doubt(context, member, role):
        return Unknown(why)
    if member not in context.catalog.objects:
        return False
    answers = []
    for part in text.split(","):
        word = part.strip().upper()
        if "WITH" in word:
            answers.append(is_admin_of(context.catalog, member, role))
            continue
        test = {"MEMBER": is_member_of, "USAGE": has_privileges_of, "SET": can_set_role}.get(word)
        if test is None:
            raise Refused(INVALID_PARAMETER, f'unrecognized privilege type: "{part.strip()}"')
        answers.append(test(context.catalog, member, role))
    return any(answers)


STRICT: dict[str, Callable[..., Value]] = {
    "has_table_privilege": _check("regclass", _TABLE),
    "has_sequence_privilege": _check("regclass", ("USAGE", "SELECT", "UPDATE")),
    "has_schema_privilege": _check("regnamespace", ("CREATE", "USAGE")),
    "has_function_privilege": _check("regprocedure", ("EXECUTE",)),
    "has_type_privilege": _check("regtype", ("USAGE",)),
    "has_column_privilege": _column,
    "has_any_column_privilege": _any_column,
    "has_database_privilege": _database,
    "pg_has_role": _pg_has_role,
}
CALLED_ON_NULL: dict[str, Callable[..., Value]] = {}
