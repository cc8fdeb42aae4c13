"""Access control lists: what each kind of object can grant, grants at birth, and grants after a change of owner.

Objects fall into the types of `pg_default_acl.defaclobjtype` (r tables and views, S sequences, f routines, T types,
n schemas, L large objects) and, for those that have no default privileges, letters of our own: c columns, d databases,
l languages, t tablespaces, F foreign-data wrappers, s foreign servers, p configuration parameters.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from schemaguard.catalog.model import PUBLIC, Acl, AclItem, Function, Other, Relation, Schema, Sequence, Type

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Origin

MAINTAIN_SINCE = 17

_RIGHTS = {
    "r": ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"),
    "S": ("USAGE", "SELECT", "UPDATE"),
    "c": ("SELECT", "INSERT", "UPDATE", "REFERENCES"),
    "f": ("EXECUTE",),
    "T": ("USAGE",),
    "n": ("USAGE", "CREATE"),
    "L": ("SELECT", "UPDATE"),
    "d": ("CREATE", "CONNECT", "TEMPORARY"),
    "l": ("USAGE",),
    "t": ("CREATE",),
    "F": ("USAGE",),
    "s": ("USAGE",),
    "p": ("SET", "ALTER SYSTEM"),
}

_PUBLIC_RIGHTS = {"f": ("EXECUTE",), "T": ("USAGE",), "l": ("USAGE",), "d": ("CONNECT", "TEMPORARY")}
"""What everybody may do with a new object until somebody revokes it."""

_OTHER_TYPES = {
    "pg_database": "d",
    "pg_language": "l",
    "pg_tablespace": "t",
    "pg_foreign_data_wrapper": "F",
    "pg_foreign_server": "s",
    "pg_largeobject_metadata": "L",
    "pg_parameter_acl": "p",
    "pg_class": "r",
    "pg_proc": "f",
    "pg_type": "T",
}
"""Object type of an `Other`, by the system catalog that would hold it (the last three: built-in objects)."""


_RIGHTS_WITH_MAINTAIN = {**_RIGHTS, "r": (*_RIGHTS["r"], "MAINTAIN")}


def rights(version: int, objtype: str) -> tuple[str, ...]:
    """Every privilege that there is on objects of a type, in the order in which PostgreSQL lists them."""
    return (_RIGHTS if version < MAINTAIN_SINCE else _RIGHTS_WITH_MAINTAIN)[objtype]


def objtype_of(record: Any) -> str:  # noqa: ANN401 - any record with privileges
    """The type letter of a relation, routine, type, schema or other object; "" for one that has no privileges."""
    match record:
        case Sequence():
            return "S"
        case Relation():
            return "r"
        case Function():
            return "f"
        case Type():
            return "T"
        case Schema():
            return "n"
        case Other():
            return _OTHER_TYPES.get(record.catalog, "")
    return ""


@lru_cache(maxsize=4096)
def built_in_acl(version: int, owner: int, objtype: str) -> Acl:
    """The privileges of a new object where no default privileges say otherwise (`acldefault`)."""
    if objtype == "c":
        return ()
    everybody = [AclItem(PUBLIC, privilege, owner) for privilege in _PUBLIC_RIGHTS.get(objtype, ())]
    return (*everybody, *(AclItem(owner, privilege, owner) for privilege in rights(version, objtype)))


def default_acl(catalog: Catalog, owner: int, objtype: str) -> Acl:
    """The built-in privileges of an object that `owner` owns: what `acl` None stands for."""
    return built_in_acl(catalog.version, owner, objtype)


def effective_acl(catalog: Catalog, record: Any) -> Acl:  # noqa: ANN401 - any record with privileges
    """The list that is in force on an object: its own, or the built-in one."""
    acl: Acl | None = record.acl
    return default_acl(catalog, record.owner, objtype_of(record)) if acl is None else acl


def same_rights(left: Acl, right: Acl) -> bool:
    """Whether two lists give the same, whatever the order and the statements they come from."""
    return len(left) == len(right) and _rights_of(left) == _rights_of(right)


def _rights_of(acl: Acl) -> set[tuple[int, str, int, bool]]:
    return {(item.grantee, item.privilege, item.grantor, item.grantable) for item in acl}


def merged(items: Iterable[AclItem]) -> Acl:
    """A list in which no privilege stands twice from the same grantor to the same grantee."""
    found: dict[tuple[int, str, int], AclItem] = {}
    for item in items:
        key = (item.grantee, item.privilege, item.grantor)
        if key not in found or (item.grantable and not found[key].grantable):
            found[key] = item
    return tuple(found.values())


def acl_for_new_object(
    catalog: Catalog, creator: int, schema: int, objtype: str, because: Origin | None = None
) -> Acl | None:
    """The privileges of an object that `creator` creates in `schema` (0 for a schema itself); None for the built-in.

    Default privileges of the creator apply: the global ones replace the built-in list, those of the schema are added.
    An entry that no ALTER DEFAULT PRIVILEGES wrote is credited to `because`, the statement that creates the object.
    """
    everywhere = catalog.default_acls.get((creator, 0, objtype))
    here = catalog.default_acls.get((creator, schema, objtype)) if schema else None
    if everywhere is None and here is None:
        return None
    built_in = default_acl(catalog, creator, objtype)
    acl = merged((*(everywhere.acl if everywhere else built_in), *(here.acl if here else ())))
    if not acl or same_rights(acl, built_in):
        # Where default privileges leave nothing, the server leaves the list out, and so the built-in one holds.
        return None
    return tuple(
        AclItem(item.grantee, item.privilege, item.grantor, item.grantable, item.because or because)
        for item in acl
    )


def change_owner(acl: Acl | None, old: int, new: int) -> Acl | None:
    """The list after ALTER … OWNER TO: what the old owner gave and had, the new one gives and has (`aclnewowner`)."""
    if acl is None or old == new:
        return acl
    return merged(
        AclItem(
            new if item.grantee == old else item.grantee,
            item.privilege,
            new if item.grantor == old else item.grantor,
            item.grantable,
            item.because,
        )
        for item in acl
    )
