"""The catalog's state: records by oid, names, dependencies, and a journal that can take any change back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

from schemaguard.catalog.model import (
    FIRST_USER_OID,
    Comment,
    Constraint,
    Index,
    Policy,
    Relation,
    Role,
    Rule,
    Schema,
    Table,
    Trigger,
    View,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import (
        DefaultAcl,
        EventTrigger,
        Extension,
        Function,
        Membership,
        Other,
        Publication,
        Type,
        Unknown,
    )
    from schemaguard.catalog.seeds.records import Seeds

PG_CATALOG = 11
PUBLIC_SCHEMA = 2200
INFORMATION_SCHEMA = 13000
PG_TOAST = 99
SUPERUSER = 10
"""Oid of the bootstrap superuser, `postgres` unless the config names another."""

DependencyKind = Literal["n", "a", "i"]
"""`pg_depend.deptype`: normal (needs CASCADE), auto (goes along), internal (goes along, can't be dropped alone)."""

_ABSENT: Any = object()
_Record = TypeVar("_Record")


class Dependent(NamedTuple):
    """An edge of the dependency graph, seen from the referenced object: who depends, with which part, on which part."""

    oid: int
    sub: int
    on_sub: int
    kind: str


class Catalog:
    """A PostgreSQL catalog as the replayed history has left it.

    `objects` holds every record that has an oid. The other maps find oids by name, by owner table, or hold records
    without one. Read them freely; write only through `put`, `remove` and the methods built on them, which keep the
    journal: `rewind(mark())` is how transactions, failed statements, branches and down programs are undone.
    """

    def __init__(self, version: int = 16) -> None:
        """An empty database of PostgreSQL major `version`: no schema, role or type yet (see `bootstrap`)."""
        self.version = version
        self.objects: dict[int, Any] = {}
        self.schemas: dict[str, int] = {}
        self.roles: dict[str, int] = {}
        self.extensions: dict[str, int] = {}
        self.publications: dict[str, int] = {}
        self.event_triggers: dict[str, int] = {}
        self.relations: dict[tuple[int, str], int] = {}
        self.types: dict[tuple[int, str], int] = {}
        self.functions: dict[tuple[int, str], tuple[int, ...]] = {}
        self.others: dict[tuple[str, int, str], int] = {}
        self.constraints_of: dict[int, dict[str, int]] = {}
        self.indexes_of: dict[int, dict[str, int]] = {}
        self.policies_of: dict[int, dict[str, int]] = {}
        self.triggers_of: dict[int, dict[str, int]] = {}
        self.rules_of: dict[int, dict[str, int]] = {}
        self.constraint_names: dict[tuple[int, str], int] = {}
        self.children_of: dict[int, dict[int, int]] = {}
        self.memberships: dict[tuple[int, int, int], Membership] = {}
        self.groups_of: dict[int, dict[tuple[int, int, int], bool]] = {}
        self.default_acls: dict[tuple[int, int, str], DefaultAcl] = {}
        self.comments: dict[tuple[int, int], Comment] = {}
        self.dependents: dict[int, dict[Dependent, bool]] = {}
        self.references: dict[int, dict[tuple[int, Dependent], bool]] = {}
        self.seed_rows: dict[int, Seeds] = {}
        self.unknown: dict[tuple[str, str], Unknown] = {}
        self.facts: dict[str, Any] = {"database_owner": SUPERUSER, "database": "postgres"}
        self._next_oid = FIRST_USER_OID
        self._journal: list[tuple[dict[Any, Any], Any, Any]] = []
        self.derived: dict[Any, Any] = {}
        """Answers that were computed from the present state, under keys of who asks; each write empties it."""
        self.path_version = 0
        """Changes with all that search paths depend on: schemas, roles, memberships, the rights on schemas."""
        self._for_paths = frozenset(map(id, (self.schemas, self.roles, self.memberships, self.facts)))

    # Writing

    def put(self, mapping: dict[Any, Any], key: Any, value: Any) -> None:  # noqa: ANN401 - any of the maps
        """Set `mapping[key]`, remembering what was there."""
        self._journal.append((mapping, key, mapping.get(key, _ABSENT)))
        mapping[key] = value
        if self.derived:
            self.derived.clear()
        if id(mapping) in self._for_paths:
            self.path_version += 1

    def remove(self, mapping: dict[Any, Any], key: Any) -> None:  # noqa: ANN401 - any of the maps
        """Delete `mapping[key]` if it is there, remembering it."""
        if key in mapping:
            self._journal.append((mapping, key, mapping[key]))
            del mapping[key]
            if self.derived:
                self.derived.clear()
            if id(mapping) in self._for_paths:
                self.path_version += 1

    def put_in(self, outer: dict[Any, dict[Any, Any]], owner: Any, key: Any, value: Any) -> None:  # noqa: ANN401
        """Set `outer[owner][key]`, making the inner map if there is none."""
        inner = outer.get(owner)
        if inner is None:
            inner = {}
            self.put(outer, owner, inner)
        self.put(inner, key, value)

    def store(self, record: Any) -> None:  # noqa: ANN401 - any record with an oid
        """Put a record under its oid: a new object, or the new state of one whose names and owner stay."""
        self.put(self.objects, record.oid, record)
        if isinstance(record, (Schema, Role)):
            self.path_version += 1

    def new_oid(self) -> int:
        """An oid that no object has had."""
        oid = self._next_oid
        self._next_oid += 1
        return oid

    def depend(self, oid: int, on: int, kind: DependencyKind = "n", *, sub: int = 0, on_sub: int = 0) -> None:
        """Record that object `oid` (its column `sub`) depends on object `on` (its column `on_sub`).

        Built-in objects are never dropped, so dependencies on them are not kept.
        """
        if on < FIRST_USER_OID and on not in self.objects:
            return
        edge = Dependent(oid, sub, on_sub, kind)
        self.put_in(self.dependents, on, edge, value=True)
        self.put_in(self.references, oid, (on, edge), value=True)

    def forget_dependencies(self, oid: int, *, sub: int | None = None, kinds: str = "nai") -> None:
        """Remove the edges from object `oid` (only those of its column `sub`, where given) to what it depends on."""
        for on, edge in list(self.references.get(oid, ())):
            if (sub is None or edge.sub == sub) and edge.kind in kinds:
                self.remove(self.dependents.get(on, {}), edge)
                self.remove(self.references[oid], (on, edge))

    def mark(self) -> int:
        """The present point in the journal."""
        return len(self._journal)

    def rewind(self, mark: int) -> None:
        """Undo every change since `mark`."""
        self.derived.clear()
        self.path_version += 1
        journal = self._journal
        while len(journal) > mark:
            mapping, key, old = journal.pop()
            if old is _ABSENT:
                mapping.pop(key, None)
            else:
                mapping[key] = old

    def take_back(self, mark: int) -> list[tuple[dict[Any, Any], Any, Any]]:
        """Undo every change since `mark`, and return what `reapply` needs to do it again."""
        self.derived.clear()
        self.path_version += 1
        journal = self._journal
        undone: list[tuple[dict[Any, Any], Any, Any]] = []
        while len(journal) > mark:
            mapping, key, old = journal.pop()
            undone.append((mapping, key, mapping.get(key, _ABSENT)))
            if old is _ABSENT:
                mapping.pop(key, None)
            else:
                mapping[key] = old
        return undone

    def reapply(self, undone: list[tuple[dict[Any, Any], Any, Any]]) -> None:
        """Do again what `take_back` undid."""
        for mapping, key, value in reversed(undone):
            if value is _ABSENT:
                self.remove(mapping, key)
            else:
                self.put(mapping, key, value)

    def forget_journal(self) -> None:
        """Give up the possibility to rewind to any earlier mark."""
        self._journal.clear()

    def changed_since(self, mark: int) -> Iterator[tuple[dict[Any, Any], Any, Any]]:
        """What was touched since `mark`: map, key and the value it had at `mark` (`absent(value)` if none)."""
        seen: set[tuple[int, Any]] = set()
        for mapping, key, old in self._journal[mark:]:
            if (identity := (id(mapping), key)) not in seen:
                seen.add(identity)
                yield mapping, key, old

    @staticmethod
    def absent(value: object) -> bool:
        """Whether a journalled value stands for "was not there"."""
        return value is _ABSENT

    # Reading

    def get(self, oid: int, kind: type[_Record]) -> _Record:
        """The record of `oid`, which must be of class `kind`."""
        record = self.objects[oid]
        if not isinstance(record, kind):
            message = f"object {oid} is a {type(record).__name__}, not a {kind.__name__}"
            raise TypeError(message)
        return record

    def schema_named(self, name: str) -> Schema | None:
        """The schema of that name."""
        oid = self.schemas.get(name)
        return None if oid is None else self.get(oid, Schema)

    @property
    def public(self) -> int:
        """Oid of the schema that is named `public` now, -1 where there is none; texts are printed as seen from it."""
        return self.schemas.get("public", -1)

    def role_named(self, name: str) -> Role | None:
        """The role of that name."""
        oid = self.roles.get(name)
        return None if oid is None else self.get(oid, Role)

    def relation_named(self, schema: str, name: str) -> Any:  # noqa: ANN401 - Table, View, Sequence, Index or None
        """The relation of that qualified name, or None."""
        oid = self.relations.get((self.schemas.get(schema, -1), name))
        return None if oid is None else self.objects[oid]

    def all(self, kind: type[_Record]) -> Iterator[_Record]:
        """All records of a class, in order of creation."""
        for record in list(self.objects.values()):
            if isinstance(record, kind):
                yield record

    def tables(self) -> Iterator[Table]:
        """All tables of user schemas, in order of creation."""
        return self.all(Table)

    def views(self) -> Iterator[View]:
        """All views and materialized views of user schemas."""
        return self.all(View)

    def constraints(self, owner: int) -> list[Constraint]:
        """The constraints of a table or domain, in order of creation."""
        return [self.objects[oid] for oid in self.constraints_of.get(owner, {}).values()]

    def indexes(self, table: int) -> list[Index]:
        """The indexes of a table or materialized view, in order of creation."""
        return [self.objects[oid] for oid in self.indexes_of.get(table, {}).values()]

    def policies(self, table: int) -> list[Policy]:
        """The policies of a table, in order of creation."""
        return [self.objects[oid] for oid in self.policies_of.get(table, {}).values()]

    def triggers(self, table: int) -> list[Trigger]:
        """The triggers of a table or view, in order of creation."""
        return [self.objects[oid] for oid in self.triggers_of.get(table, {}).values()]

    def rules(self, table: int) -> list[Rule]:
        """The rewrite rules of a table or view."""
        return [self.objects[oid] for oid in self.rules_of.get(table, {}).values()]

    def children(self, table: int) -> list[Table]:
        """The partitions or inheritance children of a table."""
        return [self.objects[oid] for oid in self.children_of.get(table, {})]

    def functions_named(self, schema: int, name: str) -> list[Function]:
        """The overloads of a function or procedure in a schema."""
        return [self.objects[oid] for oid in self.functions.get((schema, name), ())]

    def memberships_of(self, member: int) -> list[Membership]:
        """The groups that a role was granted, one entry per grantor."""
        return [self.memberships[key] for key in self.groups_of.get(member, {})]

    def comment(self, oid: int, sub: int = 0) -> Comment | None:
        """The comment on an object, or on a table's column."""
        return self.comments.get((oid, sub))

    def owner_name(self, oid: int) -> str:
        """A role's name, `PUBLIC` for 0."""
        return self.get(oid, Role).name if oid else "PUBLIC"

    def schema_name(self, oid: int) -> str:
        """A schema's name."""
        return self.get(oid, Schema).name

    def qualified(self, record: Relation | Type | Function | Other) -> str:
        """`schema.name`, unquoted, as catalog.md keys objects (for a function without its arguments)."""
        return f"{self.schema_name(record.schema)}.{record.name}"

    def named(self, record: Extension | Publication | EventTrigger) -> str:
        """The name of an object that is in no schema."""
        return record.name
