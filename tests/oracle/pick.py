"""
Choices: what a random statement is made of, drawn from the catalog as the history has left it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from schemaguard.catalog.model import (
    Column,
    Constraint,
    Function,
    Index,
    Policy,
    Relation,
    Sequence as SequenceRecord,
    Table,
    Trigger,
    Type,
    View,
)
from schemaguard.catalog.state import PUBLIC_SCHEMA

if TYPE_CHECKING:
    import random

    from hypothesis.strategies import DataObject

    from schemaguard.catalog.state import Catalog

T = TypeVar("T")
R = TypeVar("R", Table, View, SequenceRecord, Index)

Kind = Callable[["Pick"], "str | None"]

SCHEMAS = ("a", "b")
ROLES = ("r1", "r2", "r3")
GRANTEES = (*ROLES, "PUBLIC")
TYPES = (
    "integer", "bigint", "smallint", "text", "varchar(20)", "char(3)", "numeric(10,2)", "numeric", "boolean",
    "timestamptz", "timestamp(3)", "date", "uuid", "jsonb", "text[]", "integer[]", "double precision", "interval",
)  # fmt: skip


class Pick(ABC):
    """Where the choices come from is left to the subclasses; what can be chosen is the catalog's."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    @abstractmethod
    def number(self, low: int, high: int) -> int:
        """Choose a number; the lower, the simpler the statement."""

    def one(self, options: Sequence[T]) -> T:
        """Choose one; the first is the simplest."""
        return options[self.number(0, len(options) - 1)]

    def chance(self, percent: int) -> bool:
        """Be true so often; false is simpler."""
        return self.number(0, 99) >= 100 - percent

    def some(self, options: Sequence[T], most: int = 3) -> list[T]:
        """Choose from one to `most`, all different."""
        left = list(options)
        return [left.pop(self.number(0, len(left) - 1)) for _ in range(self.number(1, min(most, len(left))))]

    def maybe(self, text: str, percent: int = 30) -> str:
        """Be `text` so often, else nothing."""
        return text if self.chance(percent) else ""

    # Names of new objects

    def new(self, stem: str, count: int = 4) -> str:
        """Choose a name of a small pool, so that clashes happen."""
        return f"{stem}{self.number(1, count)}"

    def schema(self) -> str:
        """Choose a schema."""
        others = [name for name in self.catalog.schemas if name.startswith("s")]
        return self.one([*SCHEMAS, *SCHEMAS, *SCHEMAS, "public", *others])

    def new_name(self, stem: str, count: int = 4) -> str:
        """Choose a name and mostly a schema for a new object."""
        name = self.new(stem, count)
        return name if self.chance(15) else f"{self.schema()}.{name}"

    def role(self) -> str:
        """Choose a role, rarely one that is not there."""
        others = [name for name in self.catalog.roles if name.startswith("x")]
        return "nobody" if self.chance(1) else self.one([*ROLES, *ROLES, *others])

    def grantee(self) -> str:
        """Choose a role or PUBLIC."""
        return "PUBLIC" if self.chance(20) else self.role()

    # Objects that are there

    def all(self, kind: type[T]) -> list[T]:
        """List the user objects of a class."""
        return [
            record
            for record in self.catalog.all(kind)
            if getattr(record, "schema", PUBLIC_SCHEMA) >= PUBLIC_SCHEMA
            and not getattr(record, "extension", 0)
            and not getattr(record, "external", False)
        ]

    def name(self, record: Relation | Function | Type) -> str:
        """Write the name of an object, mostly with its schema."""
        return record.name if self.chance(8) else self.catalog.qualified(record)

    def tables(self, *kinds: str) -> list[Table]:
        """List the tables, or those of some kinds."""
        return [table for table in self.all(Table) if not kinds or table.kind in kinds]

    def table(self, *kinds: str) -> Table | None:
        """Choose a table."""
        found = self.tables(*kinds)
        return self.one(found) if found else None

    def relation(self) -> Relation | None:
        """Choose a table or view."""
        found: list[Relation] = [*self.all(Table), *self.all(View)]
        return self.one(found) if found else None

    def relation_name(self) -> str | None:
        """Write the name of a table or view, rarely of none."""
        found = self.relation()
        if self.chance(2) or found is None:
            return f"{self.schema()}.t9" if self.chance(30) else None
        return self.name(found)

    def column(self, relation: Relation) -> str:
        """Choose a column of a relation, rarely one that is not there."""
        if not relation.columns or self.chance(2):
            return "c9"
        return self.one(relation.columns).name

    def columns(self, relation: Relation, most: int = 2) -> list[Column]:
        """Choose a few columns of a relation."""
        return self.some(relation.columns, most) if relation.columns else []

    def function(self, *, trigger: bool = False) -> Function | None:
        """Choose a routine, or a trigger function."""
        found = [item for item in self.all(Function) if (item.name.startswith("g")) == trigger]
        return self.one(found) if found else None

    def user_type(self, *kinds: str) -> Type | None:
        """Choose a user-defined type of one of the kinds."""
        found = [
            item
            for item in self.all(Type)
            if item.kind in kinds
            and (item.kind != "c" or not isinstance(self.catalog.objects.get(item.relation), Table))
            and not (item.relation and isinstance(self.catalog.objects.get(item.relation), View))
        ]
        return self.one(found) if found else None

    def type_name(self) -> str:
        """Write the name of a built-in or user-defined type."""
        if self.chance(12) and (found := self.user_type("e", "d")):
            return self.catalog.qualified(found)
        return self.one(TYPES)

    def child(self, kind: type[T], owner: Callable[[Any], int]) -> tuple[Table, T] | None:
        """Choose a constraint, policy … and the table that it is of."""
        found = [
            (table, record)
            for record in self.catalog.all(kind)
            if isinstance(table := self.catalog.objects.get(owner(record)), Table)
        ]
        return self.one(found) if found else None

    def constraint(self, *types: str) -> tuple[Table, Constraint] | None:
        """Choose a constraint and its table."""
        found = [
            (table, record)
            for record in self.catalog.all(Constraint)
            if isinstance(table := self.catalog.objects.get(record.table), Table)
            and (not types or record.type in types)
        ]
        return self.one(found) if found else None

    def policy(self) -> tuple[Table, Policy] | None:
        """Choose a policy and its table."""
        return self.child(Policy, lambda policy: policy.table)

    def trigger(self) -> tuple[Table, Trigger] | None:
        """Choose a trigger and its table."""
        return self.child(Trigger, lambda trigger: trigger.table)


class HypothesisPick(Pick):
    """Choices of Hypothesis, which shrinks them."""

    def __init__(self, catalog: Catalog, data: DataObject) -> None:
        super().__init__(catalog)
        self.data = data

    def number(self, low: int, high: int) -> int:
        from hypothesis import strategies

        return self.data.draw(strategies.integers(low, high))


class RandomPick(Pick):
    """Choices of a random generator, for surveys."""

    def __init__(self, catalog: Catalog, generator: random.Random) -> None:
        super().__init__(catalog)
        self.generator = generator

    def number(self, low: int, high: int) -> int:
        return self.generator.randint(low, high)


def qualified(pick: Pick, record: Relation | Function | Type) -> str:
    """Write the name of an object with its schema."""
    return pick.catalog.qualified(record)
