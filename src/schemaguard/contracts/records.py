"""What the cross-check is made of: a field of the contract beside the column that holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.contracts.openapi.operations import PATCH, REQUEST, RESPONSE

if TYPE_CHECKING:
    from schemaguard.catalog.model import Column, Relation, Table, View
    from schemaguard.contracts.mapping.form import Entity, EntityColumn, Mapping
    from schemaguard.contracts.mapping.references import Reference
    from schemaguard.contracts.openapi.contract import Use
    from schemaguard.contracts.openapi.index import Field
    from schemaguard.contracts.openapi.objects import ObjectSchema
    from schemaguard.contracts.openapi.shapes import Shape
    from schemaguard.linting.rule import Place
    from schemaguard.text import Span


class ReadModel(NamedTuple):
    """A view or materialized view that answers with a schema, and where that is said. `view` None: there is none."""

    name: str
    place: Span
    schema: ObjectSchema
    view: View | None


class Source(NamedTuple):
    """What ties a field to a column: a column of a mapping's entity with its reference, or `x-maps-to`."""

    mapping: Mapping | None = None
    entity: Entity | None = None
    column: EntityColumn | None = None
    reference: Reference | None = None


class Mapped(NamedTuple):
    """A field and the column that holds it.

    `table` and `name`: as the mapping names them; `relation` and `column`: what the replayed schema has under those
    names, if anything. `place`: where the mapping says so. `conversion`: how the value is computed. `demanded`: the
    mapping itself demands NOT NULL. `excepted`: it allows NULL all the same. `read_model` answers in the table's
    place, with the column `output`. `stored`: the table's column that holds it, also where the mapping names a view's
    that is that column unchanged.
    """

    field: Field
    shape: Shape
    uses: tuple[Use, ...]
    table: str
    name: str
    place: Span
    relation: Relation | None
    column: Column | None
    source: Source = Source()
    conversion: str = ""
    demanded: bool = False
    excepted: bool = False
    read_model: ReadModel | None = None
    output: Column | None = None
    stored: tuple[Table, Column] | None = None

    @property
    def is_answered(self) -> bool:
        """Whether answers have it."""
        return any(use.direction == RESPONSE for use in self.uses)

    @property
    def is_asked(self) -> bool:
        """Whether requests write it."""
        writes = self.source.entity is None or self.source.entity.write
        return writes and any(use.direction in (REQUEST, PATCH) for use in self.uses)

    @property
    def required(self) -> Use | None:
        """The answer that requires it."""
        return next((use for use in self.uses if use.direction == RESPONSE and use.required), None)

    @property
    def holder(self) -> tuple[Relation, Column] | None:
        """What answers with it: the read model and its column, else the table's; None where one is missing."""
        if self.read_model is not None and self.read_model.view is not None and self.output is not None:
            return self.read_model.view, self.output
        if self.relation is not None and self.column is not None:
            return self.relation, self.column
        return None

    @property
    def words(self) -> str:
        """The field as messages name it."""
        return self.field.name


class Misfit(NamedTuple):
    """A field and a column that do not go together: what is wrong in words, where to act, and what shows it.

    `detail` tells it from other misfits of the same field and column.
    """

    mapped: Mapped
    relation: Relation
    column: Column
    what: str
    at: Place
    because: tuple[tuple[Place, str], ...] = ()
    detail: str = ""


class Dangling(NamedTuple):
    """A name of a mapping, or a reference, that leads to nothing: `what` is wrong with it, and where.

    `detail`: the same without line numbers.
    """

    text: str
    what: str
    at: Place
    because: tuple[tuple[Place, str], ...] = ()
    detail: str = ""
