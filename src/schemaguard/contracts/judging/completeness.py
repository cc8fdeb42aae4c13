"""What has no counterpart: fields without a column, tables without an entity, views without a required field."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.model import Table, View
from schemaguard.contracts.crosscheck import cross_check
from schemaguard.contracts.nodes import Entries
from schemaguard.contracts.openapi.operations import PARAMETER, RESPONSE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Relation
    from schemaguard.contracts.crosscheck import CrossCheck
    from schemaguard.contracts.nodes import Node
    from schemaguard.contracts.openapi.index import Field
    from schemaguard.contracts.openapi.objects import Member, ObjectSchema
    from schemaguard.contracts.records import Mapped, ReadModel
    from schemaguard.linting.project import Project


class Unmapped(NamedTuple):
    """A field of a governed schema that no mapping names; `relation` holds other fields of the schema."""

    field: Field
    schema: str
    relation: Relation


class Incomplete(NamedTuple):
    """A required field that a read model does not have, or not from the column that the mapping names.

    `column`: the read model's column, where it has one. `mapped`: the field's mapping, where there is one. `ends`:
    the columns that the read model's is made of, in words.
    """

    model: ReadModel
    view: View
    member: Member
    column: str
    mapped: Mapped | None
    ends: tuple[tuple[Relation, str], ...]


def governed_schemas(check: CrossCheck) -> Iterator[ObjectSchema]:
    """The object schemas of requests and answers of which at least one field is mapped, each once."""
    seen: set[int] = set()
    for mapped in check.mapped:
        for use in mapped.uses:
            if use.direction != PARAMETER and id(use.schema) not in seen:
                seen.add(id(use.schema))
                yield use.schema


def unmapped_fields(project: Project) -> Iterator[Unmapped]:
    """Fields of governed schemas that no mapping names, that are not computed, and that hold no governed schema."""
    check = cross_check(project)
    governed = list(governed_schemas(check))
    governed_ids = {id(schema) for schema in governed}
    seen: set[tuple[int, str]] = set()
    for schema in governed:
        relation = next((found for each in mapped_in(check, schema) if (found := each.relation)), None)
        for member in schema.members.values():
            field = member.field
            if field.key in seen or field.key in check.computed or field.key in check.by_field:
                continue
            if field.key in check.missed:
                continue  # its mapping is there, and its reference is found to be stale
            seen.add(field.key)
            if relation is not None and not _holds_governed(check, field.schema, governed_ids):
                yield Unmapped(field, schema_name(field), relation)


def mapped_in(check: CrossCheck, schema: ObjectSchema) -> Iterator[Mapped]:
    """The mapped fields of a schema."""
    for member in schema.members.values():
        yield from check.by_field.get(member.field.key, ())


def schema_name(field: Field) -> str:
    """The name of the schema that defines a field, as its pointer has it."""
    parts = field.pointer.split("/")
    return parts[-3] if len(parts) > 2 and parts[-2] == "properties" else parts[-1]


def _holds_governed(check: CrossCheck, schema: Node, governed: set[int]) -> bool:
    """Whether a value is, or is a list of, an object of which fields are mapped: those are its columns."""
    pending, seen = [schema], set[int]()
    while pending:
        node = pending.pop()
        found = check.contract.object(node)
        if found is None or id(found) in seen:
            continue
        seen.add(id(found))
        if id(found) in governed:
            return True
        if not found.members:
            pending.extend(each for each in (*found.inner, *found.choices) if isinstance(each, Entries))
    return False


def unmapped_tables(project: Project) -> Iterator[Table]:
    """Governed tables that no entity and no `x-maps-to` names; partitions go with their tables."""
    check = cross_check(project)
    named = {relation.oid for relation in _mapped_relations(check)}
    if not check.mappings and not check.mapped:
        return
    for table in project.governed_tables:
        if table.oid not in named and not table.parents:
            yield table


def _mapped_relations(check: CrossCheck) -> Iterator[Relation]:
    for mapping in check.mappings:
        for entity in mapping.entities:
            if (relation := check.relation_named(entity.table.text)) is not None:
                yield relation
        if mapping.taxonomy and (relation := check.relation_named(mapping.taxonomy[0].text)) is not None:
            yield relation
    for mapped in check.mapped:
        if mapped.relation is not None:
            yield mapped.relation


def incomplete_views(project: Project) -> Iterator[Incomplete]:
    """Required fields that the view behind an answer lacks, or makes of another column than the mapping names."""
    check = cross_check(project)
    for model in check.read_models:
        if model.view is None:
            continue
        for member in model.schema.members.values():
            if not member.required or member.field.key in check.computed:
                continue
            if check.contract.is_sent(member.field, RESPONSE):
                yield from _incomplete(check, model, model.view, member)


def _incomplete(check: CrossCheck, model: ReadModel, view: View, member: Member) -> Iterator[Incomplete]:
    known = check.by_field.get(member.field.key, [])
    names = [each.name for each in known if each.relation is not view]
    column = check.output_of(model, *names, member.field.name)
    if column is None:
        yield Incomplete(model, view, member, "", known[0] if known else None, ())
        return
    tables = [each for each in known if isinstance(each.relation, Table) and each.column is not None]
    output = next((each for each in check.lineage.of(view.oid).columns if each.number == column.number), None)
    if not tables or output is None or output.unknown:
        return
    sources = {source.column for source in output.values}
    if any((each.relation.oid, each.column.number) in sources for each in tables):  # type: ignore[union-attr] # both are there
        return
    ends = []
    for oid, number in sorted(sources):
        relation = check.catalog.objects.get(oid)
        base = relation.column_at(number) if isinstance(relation, (Table, View)) else None
        if isinstance(relation, (Table, View)) and base is not None:
            ends.append((relation, base.name))
    yield Incomplete(model, view, member, column.name, tables[0], tuple(ends))
