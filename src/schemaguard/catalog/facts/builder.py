"""What every fact needs: names, access control lists, expressions as text, places, and what can't be known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar, cast

from schemaguard.catalog.errors import Opaque
from schemaguard.catalog.facts.shape import sorted_privileges
from schemaguard.catalog.model import Function, Relation, Role, Schema
from schemaguard.catalog.privileges.acl import effective_acl
from schemaguard.catalog.state import INFORMATION_SCHEMA, PG_CATALOG, PG_TOAST, SUPERUSER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from schemaguard.catalog.facts.shape import Place, Privilege, UnknownFact
    from schemaguard.catalog.model import AclItem, Expression, Sequence, Type, TypeRef
    from schemaguard.catalog.state import Catalog
    from schemaguard.statements.statement import Origin

Path = tuple[str, ...]
_Record = TypeVar("_Record")

_SYSTEM_SCHEMAS = frozenset((PG_CATALOG, INFORMATION_SCHEMA, PG_TOAST))


_CALL = re.compile(r'[\w."]+\(.*\)', re.DOTALL)


def is_call(text: str) -> bool:
    """Whether an expression is a function call: as a key of an index or partition all others are parenthesized."""
    return _CALL.fullmatch(text) is not None


def _named(catalog: Catalog, names: Collection[tuple[str, str]]) -> Iterator[Any]:
    """The records of these names, of whatever kind; ("", "") stands for all roles."""
    everybody = ("", "") in names
    for schema, name in sorted(names):
        if schema:
            key = (catalog.schemas.get(schema, -1), name)
            oids = [catalog.relations.get(key), catalog.types.get(key), *catalog.functions.get(key, ())]
        else:
            maps = (catalog.schemas, catalog.extensions, catalog.publications, catalog.event_triggers)
            oids = [mapping.get(name) for mapping in maps]
            oids.append(None if everybody else catalog.roles.get(name))
        yield from (catalog.objects[oid] for oid in oids if oid is not None)
    if everybody:
        yield from (catalog.objects[oid] for oid in catalog.roles.values())


class Builder:
    """Reads one catalog into facts, with their places if `locations`.

    `unknown` collects the paths of what can't be told; whoever assembles the facts takes those out again.
    """

    def __init__(
        self, catalog: Catalog, *, locations: bool, only: Collection[tuple[str, str]] | None = None
    ) -> None:
        """Read `catalog`; `only` the objects of these names, as (schema or "", name), where it is given."""
        self.catalog = catalog
        self._chosen = None if only is None else list(_named(catalog, only))
        self.locations = locations
        self.unknown: dict[Path, UnknownFact] = {}
        self.bound_roles = sorted(
            role.name
            for role in (catalog.get(oid, Role) for oid in catalog.roles.values())
            if not (role.superuser or role.predefined or role.oid == SUPERUSER)
        )

    def all(self, kind: type[_Record]) -> Iterable[_Record]:
        """The records of a class that are wanted, in order of creation."""
        if self._chosen is None:
            return self.catalog.all(kind)
        return [record for record in self._chosen if isinstance(record, kind)]

    # Names

    def role(self, oid: int) -> str:
        """A role's name, PUBLIC for 0."""
        return self.catalog.owner_name(oid)

    def name(self, oid: int) -> str:
        """A relation's qualified name."""
        return self.catalog.qualified(self.catalog.get(oid, Relation))

    def relation(self, oid: int) -> Relation:
        """The relation of that oid."""
        return self.catalog.get(oid, Relation)

    def type(self, ref: TypeRef) -> str:
        """A type as `format_type` spells it."""
        from schemaguard.catalog.analysis.types import format_type

        return format_type(self.catalog, ref)

    def trigger_function(self, oid: int) -> str:
        """A trigger function, `public.f()`."""
        return f"{self.catalog.qualified(self.catalog.get(oid, Function))}()"

    def is_own(self, record: Relation | Function | Type) -> bool:
        """Whether the history made the object, in a schema of users, and not for an extension."""
        return not record.external and self.is_users(record)

    def is_users(self, record: Relation | Function | Type) -> bool:
        """Whether the object is in a schema of users, and not for an extension; the config may have declared it."""
        if record.extension or record.schema in _SYSTEM_SCHEMAS:
            return False
        return not self.catalog.schema_name(record.schema).startswith("pg_")

    # Places and comments

    def place(self, origin: Origin | None) -> Place | None:
        """Where a statement stands; None for what no statement made."""
        if origin is None:
            return None
        location = origin.span.location
        return {"path": location.path, "line": location.line, "column": location.column}

    def because(self, fact: object, origin: Origin | None, **flags: Origin | None) -> None:
        """Add the place of an object, and those of its flags as `<flag>_because`, if they are asked for."""
        if not self.locations:
            return
        places = {"because": origin} | {f"{flag}_because": of for flag, of in flags.items()}
        entries = cast("dict[str, Any]", fact)
        entries.update((key, self.place(of)) for key, of in places.items() if of is not None)

    def comment(self, oid: int, sub: int = 0) -> str | None:
        """The comment on an object or column."""
        comment = self.catalog.comment(oid, sub)
        return comment.text if comment else None

    def comment_origin(self, oid: int, sub: int = 0) -> Origin | None:
        """The statement that made that comment."""
        comment = self.catalog.comment(oid, sub)
        return comment.because if comment else None

    # Privileges

    def privileges(self, record: Relation | Function | Schema) -> list[Privilege]:
        """The entries of an object's list that are not its owner's own."""
        return self.entries(effective_acl(self.catalog, record), record.owner)

    def owner_privileges(self, record: Relation | Function | Schema | Sequence) -> list[str]:
        """What the owner has by the list."""
        acl = effective_acl(self.catalog, record)
        return sorted({item.privilege for item in acl if item.grantee == record.owner})

    def entries(self, acl: Iterable[AclItem], owner: int) -> list[Privilege]:
        """The entries of a list that are not `owner`'s, sorted."""
        return sorted_privileges(self._entry(item) for item in acl if item.grantee != owner)

    def _entry(self, item: AclItem) -> Privilege:
        entry: Privilege = {
            "grantee": self.role(item.grantee),
            "privilege": item.privilege,
            "grantable": item.grantable,
            "grantor": self.role(item.grantor),
        }
        self.because(entry, item.because)
        return entry

    # Expressions

    def text(self, path: Path, expression: Expression | None, relation: Relation | None) -> str | None:
        """An expression as the server prints it; where that can't be told the path becomes unknown."""
        from schemaguard.catalog.analysis.deparse import expression_text

        if expression is None:
            return None
        try:
            return expression_text(self.catalog, expression, relation)
        except Opaque as opaque:
            self.leave_out(path, opaque.reason, expression.because)
            return None

    def leave_out(self, path: Path, reason: str, origin: Origin | None) -> None:
        """Say that nothing can be known of `path`, and why."""
        self.unknown[path] = {"path": "/".join(path), "reason": reason, "location": self.place(origin)}
