"""Which facts of the catalog's JSON a stretch of the history changed: paths such as `tables/public.t/rls_enabled`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from schemaguard.catalog.model import (
    Acl,
    Column,
    Constraint,
    DefaultAcl,
    EventTrigger,
    Extension,
    Function,
    Index,
    Membership,
    Policy,
    Publication,
    Relation,
    Role,
    Rule,
    Schema,
    Trigger,
    Type,
)
from schemaguard.catalog.privileges.acl import effective_acl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Origin

Kind = Literal["new", "gone", "changed"]


class Fact(NamedTuple):
    """A fact that changed: its path, what it belongs to (`sub`: the column of it), and the statement."""

    path: str
    kind: Kind
    record: Any
    sub: int = 0
    because: Origin | None = None


def changed_facts(catalog: Catalog, mark: int) -> Iterator[Fact]:
    """The facts that were changed since `mark`, in the order of the changes."""
    for mapping, key, before in list(catalog.changed_since(mark)):
        old = None if catalog.absent(before) else before
        new = mapping.get(key)
        if mapping is catalog.objects:
            yield from _of_object(catalog, old, new)
        elif mapping is catalog.memberships:
            yield from _of_membership(catalog, old, new)
        elif mapping is catalog.default_acls and old != new:
            yield _of_defaults(catalog, old, new)
        elif mapping is catalog.comments:
            yield from _of_comment(catalog, key, old, new)


def _of_object(catalog: Catalog, old: Any, new: Any) -> Iterator[Fact]:  # noqa: ANN401 - records
    record = old if new is None else new
    if record is None or old is new or (isinstance(record, Type) and record.relation):
        return  # a row type's facts are those of its relation
    because = getattr(record, "because", None)
    if old is None or new is None:
        yield Fact(object_path(catalog, record), "new" if old is None else "gone", record, 0, because)
        return
    path = object_path(catalog, new)
    if (renamed := object_path(catalog, old)) != path:
        yield Fact(path, "new", new, 0, because)
        yield Fact(renamed, "gone", old, 0, because)
        return
    for name in new.__struct_fields__:
        if name.endswith("because"):
            continue
        one, other = getattr(old, name), getattr(new, name)
        if one is other or one == other:
            continue
        origin = _because(new, name)
        if name == "columns" and isinstance(new, Relation):
            yield from _of_columns(path, old, new)
        elif name == "acl":
            if getattr(old, "owner", 0) != getattr(new, "owner", 0):
                continue  # the lists as a whole go with the owner
            yield from _of_acl(catalog, path, new, effective_acl(catalog, old), effective_acl(catalog, new))
        else:
            for fact in FACTS_OF.get(name, (name,)):
                yield Fact(f"{path}/{fact}", "changed", new, 0, origin)


FACTS_OF: dict[str, tuple[str, ...]] = {
    "row_security": ("rls_enabled",),
    "force_row_security": ("rls_forced",),
    "owner": ("owner", "privileges", "owner_privileges", "effective_privileges"),
    "query": ("definition", "columns", "depends_on"),
    "returns_set": ("returns",),
    "arguments": ("arguments",),
    "partition_bound": ("partition_bound",),
    "is_partition": ("partition_bound", "parents"),
    "roles": ("roles",),
    "command": ("cmd",),
    "next_number": (),
    "dependents": (),
    "parents": ("parents",),
    "ref_table": ("ref_table", "ref_columns"),
    "keys": ("columns", "expressions"),
    "last_value": (),
    "index": (),
    "parent": (),
    "local": (),
}
"""Facts that a field of a record is told by, where they are not called like it."""


def _because(record: Any, field: str) -> Origin | None:  # noqa: ANN401 - any record
    names = {
        "row_security": "row_security_because",
        "force_row_security": "force_because",
        "validated": "validated_because",
        "owner": "owner_because",
        "enabled": "enabled_because",
        "security_definer": "security_because",
        "config": "config_because",
        "using": "using_because",
        "check": "check_because",
        "roles": "roles_because",
    }
    origin: Origin | None = getattr(record, names.get(field, "because"), None) or getattr(
        record, "because", None
    )
    return origin


def _of_columns(path: str, old: Relation, new: Relation) -> Iterator[Fact]:
    before = {column.number: column for column in old.columns}
    for column in new.columns:
        known = before.pop(column.number, None)
        place = f"{path}/columns/{column.name}"
        if known is None or known.name != column.name:
            yield Fact(place, "new", new, column.number, column.because)
            if known is not None:
                yield Fact(f"{path}/columns/{known.name}", "gone", new, column.number, column.because)
        elif known is not column:
            for name in _changed_fields(known, column):
                yield Fact(f"{place}/{name}", "changed", new, column.number, _of_column(column, name))
    for column in before.values():
        yield Fact(f"{path}/columns/{column.name}", "gone", new, column.number, column.because)


def _changed_fields(old: Column, new: Column) -> Iterator[str]:
    for name in ("type", "not_null", "default", "generated", "identity"):
        if getattr(old, name) != getattr(new, name):
            yield name
    if old.acl != new.acl:
        yield "privileges"


def _of_column(column: Column, name: str) -> Origin | None:
    field = {"type": "type_because", "not_null": "not_null_because", "default": "default_because"}.get(name)
    origin: Origin | None = getattr(column, field) if field else None
    return origin or column.because


def _of_acl(catalog: Catalog, path: str, record: Any, old: Acl, new: Acl) -> Iterator[Fact]:  # noqa: ANN401 - see above
    """The entries in which two access control lists differ."""
    sides = [
        {(item.grantee, item.privilege, item.grantor, item.grantable): item for item in acl}
        for acl in (old, new)
    ]
    for key in sides[0].keys() ^ sides[1].keys():
        item = sides[1].get(key) or sides[0][key]
        there = not item.grantee or item.grantee in catalog.objects
        grantee = catalog.owner_name(item.grantee) if there else str(item.grantee)
        part = "owner_privileges" if item.grantee == record.owner else "privileges"
        yield Fact(f"{path}/{part}/{grantee}:{item.privilege}", "changed", record, 0, item.because)


def _of_membership(catalog: Catalog, old: Membership | None, new: Membership | None) -> Iterator[Fact]:
    record = new or old
    if record is None or old == new or record.member not in catalog.objects:
        return
    member, role = catalog.owner_name(record.member), catalog.objects.get(record.role)
    group = role.name if role is not None else str(record.role)
    yield Fact(f"roles/{member}/member_of/{group}", "changed", record, 0, record.because)
    if (old is not None and old.admin) or (new is not None and new.admin):
        yield Fact(f"roles/{member}/admin_of/{group}", "changed", record, 0, record.because)


def _of_defaults(catalog: Catalog, old: DefaultAcl | None, new: DefaultAcl | None) -> Fact:
    record = new or old
    assert record is not None  # noqa: S101 - one of the two sides of a change is there
    schema = catalog.schema_name(record.schema) if record.schema in catalog.objects else ""
    role = catalog.owner_name(record.role) if record.role in catalog.objects else str(record.role)
    path = f"default_privileges/{role}:{schema}:{record.objtype}"
    return Fact(path, "changed", record, 0, record.because)


def _of_comment(catalog: Catalog, key: tuple[int, int], old: Any, new: Any) -> Iterator[Fact]:  # noqa: ANN401 - comments
    record = catalog.objects.get(key[0])
    if record is None or (old and new and old.text == new.text):
        return
    path = object_path(catalog, record)
    if key[1] > 0 and isinstance(record, Relation) and (column := record.column_at(key[1])) is not None:
        path = f"{path}/columns/{column.name}"
    yield Fact(f"{path}/comment", "changed", record, max(key[1], 0), (new or old).because)


_PARTS: dict[type, str] = {
    Constraint: "constraints",
    Policy: "policies",
    Trigger: "triggers",
    Rule: "rules",
    Index: "indexes",
}
_RELATIONS = {"v": "views", "m": "matviews", "S": "sequences", "c": "types"}
_NAMED: dict[type, str] = {
    Role: "roles",
    Schema: "schemas",
    Extension: "extensions",
    Publication: "publications",
    EventTrigger: "event_triggers",
}


def object_path(catalog: Catalog, record: Any) -> str:  # noqa: ANN401 - any record
    """The path of an object in the catalog's JSON: ``tables/public.orders/policies/p``."""
    part = _PARTS.get(type(record))
    if part is not None:
        owner = catalog.objects.get(record.table or getattr(record, "domain", 0))
        base = object_path(catalog, owner) if owner is not None else "tables/"
        return f"{base}/{'checks' if isinstance(owner, Type) else part}/{record.name}"
    if type(record) in _NAMED:
        return f"{_NAMED[type(record)]}/{record.name}"
    schema = catalog.objects.get(getattr(record, "schema", 0))
    name = f"{schema.name}.{record.name}" if isinstance(schema, Schema) else getattr(record, "name", "")
    if isinstance(record, Relation):
        return f"{_RELATIONS.get(record.kind, 'tables')}/{name}"
    if isinstance(record, Function):
        from schemaguard.catalog.routines import identity_arguments

        return f"functions/{name}({identity_arguments(catalog, record)})"
    if isinstance(record, Type):
        return f"types/{name}"
    return f"others/{name}"
