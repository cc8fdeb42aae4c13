"""The cross-check: every mapped field beside its column, and what leads nowhere on the way."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from schemaguard.catalog.model import Table, View
from schemaguard.catalog.replay import no_cyclic_garbage_collection
from schemaguard.config.patterns import matches_table
from schemaguard.contracts.documents import Documents, is_outside
from schemaguard.contracts.mapping.form import read_mapping
from schemaguard.contracts.mapping.resolve import Resolver, Stale
from schemaguard.contracts.mapping.types import rows_for
from schemaguard.contracts.nodes import Entries, flag, get, text, value
from schemaguard.contracts.openapi.contract import Contract
from schemaguard.contracts.records import Dangling, Mapped, ReadModel, Source
from schemaguard.lineage import Lineage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Column, Relation
    from schemaguard.contracts.mapping.form import Entity, Mapping
    from schemaguard.contracts.mapping.references import Reference
    from schemaguard.contracts.openapi.index import Field
    from schemaguard.contracts.openapi.objects import ObjectSchema
    from schemaguard.linting.project import Project

_KNOWN: WeakKeyDictionary[Project, CrossCheck] = WeakKeyDictionary()


def cross_check(project: Project) -> CrossCheck:
    """The cross-check of a project, made once."""
    found = _KNOWN.get(project)
    if found is None:
        found = _KNOWN[project] = CrossCheck(project)
    return found


class CrossCheck:
    """The contract, the mappings and the replayed schema side by side."""

    def __init__(self, project: Project) -> None:
        """Nothing is read before it is asked for."""
        self.project_files = project.files
        self.policy = project.policy
        self.catalog = project.catalog
        self.lineage = Lineage(project.catalog)
        where = project.policy.where
        self.contract = Contract(
            project.files,
            [
                (pattern, where("contracts", "openapi", n) or where("contracts", "openapi"))
                for n, pattern in enumerate(project.policy.contracts.openapi)
            ],
        )
        self.dangling: list[Dangling] = []
        self.stale: list[tuple[Stale, Mapping]] = []
        self.resolved: list[tuple[Reference, str, Mapping]] = []  # references and the pointers they mean
        self.computed: set[tuple[int, str]] = set()

    @cached_property
    def mappings(self) -> list[Mapping]:
        """The mapping files that can be read; what is wrong with the others is in `dangling`."""
        documents = Documents(self.project_files)
        found = []
        for n, pattern in enumerate(self.policy.contracts.mapping):
            place = self.policy.where("contracts", "mapping", n) or self.policy.where("contracts", "mapping")
            paths = [] if is_outside(pattern) else self.project_files.matching(pattern)
            if not paths:
                why = documents.why(pattern) if is_outside(pattern) else "matches no file"
                self.dangling.append(Dangling(pattern, f"`{pattern}` {why}", place))
            for path in paths:
                document = documents.get(path)
                if document is not None:
                    mapping = read_mapping(document)
                    found.append(mapping)
                    self.dangling.extend(
                        Dangling(path, f"in `{path}`, {fault.message}", fault.place)
                        for fault in mapping.faults
                    )
                elif (fault := documents.fault(path)) is not None:
                    self.dangling.append(Dangling(path, f"`{path}` {fault.message}", fault.place))
                else:
                    self.dangling.append(Dangling(path, f"`{path}` {documents.why(path)}", place))
        return found

    @cached_property
    def mapped(self) -> list[Mapped]:
        """Every field that is tied to a column, in the order of the mappings, then of the contract."""
        with no_cyclic_garbage_collection():  # a large contract makes many records and no cycles
            found = [mapped for mapping in self.mappings for mapped in self._of_mapping(mapping)]
            found.extend(self._of_contract())
            return [*found, *self._of_read_models({mapped.field.key for mapped in found})]

    @cached_property
    def missed(self) -> set[tuple[int, str]]:
        """The keys of the fields that stale references most probably mean."""
        _ = self.mapped
        return {stale.field.key for stale, _mapping in self.stale if stale.field is not None}

    @cached_property
    def by_field(self) -> dict[tuple[int, str], list[Mapped]]:
        """The mapped fields by their keys."""
        found: dict[tuple[int, str], list[Mapped]] = {}
        for mapped in self.mapped:
            found.setdefault(mapped.field.key, []).append(mapped)
        return found

    # Mapping files

    def _of_mapping(self, mapping: Mapping) -> Iterator[Mapped]:
        resolver = Resolver(self.contract, mapping.path)
        for rule in mapping.types:
            if rule.example is not None:
                self._resolve(resolver, rule.example, mapping)
        for entity in mapping.entities:
            relation = self.relation_named(entity.table.text)
            for column in entity.columns:
                for reference in column.references:
                    field = self._resolve(resolver, reference, mapping)
                    if field is None:
                        continue
                    if column.computed:
                        self.computed.add(field.key)
                        continue
                    source = Source(mapping, entity, column, reference)
                    yield self._mapped(field, source, relation, self._conversion(field, source))

    def _resolve(self, resolver: Resolver, reference: Reference, mapping: Mapping) -> Field | None:
        found = resolver.field(reference)
        if isinstance(found, Stale):
            self.stale.append((found, mapping))
            return None
        self.resolved.append((reference, found.pointer, mapping))
        return found

    def _mapped(self, field: Field, source: Source, relation: Relation | None, conversion: str) -> Mapped:
        entity, column, mapping = source.entity, source.column, source.mapping
        if entity is None or column is None or mapping is None or source.reference is None:
            message = "a column of an entity was expected"
            raise TypeError(message)
        name = column.name.text
        return self._with_read_model(
            Mapped(
                field=field,
                shape=self.contract.shape(field),
                uses=tuple(self.contract.uses_of(field)),
                table=entity.table.text,
                name=name,
                place=source.reference.place,
                relation=relation,
                column=relation.column(name) if relation is not None else None,
                source=source,
                conversion=conversion,
                excepted=any(re.search(rf"\b{re.escape(name)}\b", said) for said in mapping.exceptions),
            )
        )

    def _conversion(self, field: Field, source: Source) -> str:
        """The conversion that the column, else a row of the type table, gives."""
        if source.column is not None and source.column.conversion:
            return source.column.conversion
        return rows_for(source.mapping, self.contract.shape(field)).conversion

    # The contract's own extensions

    def _of_contract(self) -> Iterator[Mapped]:
        for field in self.contract.read_fields():
            if flag(field.schema, "x-computed") or flag(field.owner, "x-computed"):
                self.computed.add(field.key)
                continue
            outer = field.kind != "property" and get(field.schema, "x-maps-to") is None
            holder = field.owner if outer else field.schema
            said = get(holder, "x-maps-to") if isinstance(holder, Entries) else None
            if said is None or not isinstance(holder, Entries):
                continue
            place = holder.place("x-maps-to")
            table, name = text(said, "table"), text(said, "column")
            if not table or not name:
                what = "`x-maps-to` is a mapping with `table` and `column`"
                self.dangling.append(Dangling(field.name, what, place))
                continue
            relation = self.relation_named(table)
            yield self._with_read_model(
                Mapped(
                    field=field,
                    shape=self.contract.shape(field),
                    uses=tuple(self.contract.uses_of(field)),
                    table=table,
                    name=name,
                    place=place,
                    relation=relation,
                    column=relation.column(name) if relation is not None else None,
                    conversion=str(value(get(said, "transform")) or ""),
                    demanded=flag(said, "required"),
                )
            )

    # Read models

    @cached_property
    def read_models(self) -> list[ReadModel]:
        """The views that answer: `read_model` of entities, `x-read-model` of schemas."""
        found = []
        for mapping in self.mappings:
            resolver = Resolver(self.contract, mapping.path)
            for entity in mapping.entities:
                for schema in self._schemas_of(entity, resolver, mapping):
                    if entity.read_model is not None and schema is not None:
                        name, place = entity.read_model
                        found.append(ReadModel(name, place, schema, self._view(name)))
        seen: set[int] = set()
        for uses in self.contract.uses.values():
            for use in uses:
                if id(use.schema) in seen:
                    continue
                seen.add(id(use.schema))
                own = use.schema.parts[0]
                if name := text(own, "x-read-model"):
                    place = own.entries["x-read-model"].span
                    found.append(ReadModel(name, place, use.schema, self._view(name)))
        return found

    def _schemas_of(
        self, entity: Entity, resolver: Resolver, mapping: Mapping
    ) -> Iterator[ObjectSchema | None]:
        """The schemas that an entity's `contract_reference` names; one that leads nowhere is stale."""
        for reference in entity.references:
            found = resolver.schema(reference)
            if isinstance(found, Stale):
                self.stale.append((found, mapping))
                continue
            node, pointer = found
            self.resolved.append((reference, pointer, mapping))
            yield self.contract.object(node)

    def _view(self, name: str) -> View | None:
        found = self.relation_named(name)
        return found if isinstance(found, View) else None

    def _with_read_model(self, mapped: Mapped) -> Mapped:
        """Add the view that answers with the field, where it is one of such an answer and of no other."""
        mapped = mapped._replace(stored=self._stored(mapped.relation, mapped.column))
        models = [
            model
            for model in self.read_models
            if any(use.schema is model.schema for use in mapped.uses) and model.view is not None
        ]
        if not models or not all(any(use.schema is model.schema for model in models) for use in mapped.uses):
            return mapped
        model = models[0]
        return mapped._replace(read_model=model, output=self.output_of(model, mapped.name, mapped.field.name))

    def output_of(self, model: ReadModel, *names: str) -> Column | None:
        """The first of some names that is an output column of a read model."""
        for name in names:
            if model.view is not None and (column := model.view.column(name)) is not None:
                return column
        return None

    def _of_read_models(self, known: set[tuple[int, str]]) -> Iterator[Mapped]:
        """Fields that no mapping names, and that a read model has under their own names."""
        for model in self.read_models:
            for name, member in model.schema.members.items():
                column = self.output_of(model, name)
                if member.field.key in known or member.field.key in self.computed or column is None:
                    continue
                yield Mapped(
                    field=member.field,
                    shape=self.contract.shape(member.field),
                    uses=tuple(self.contract.uses_of(member.field)),
                    table=model.name,
                    name=name,
                    place=model.place,
                    relation=model.view,
                    column=column,
                    stored=self._stored(model.view, column),
                )

    def _stored(self, relation: Relation | None, column: Column | None) -> tuple[Table, Column] | None:
        """The table's column that a column is: itself, or what a view passes on unchanged."""
        if column is None or isinstance(relation, Table):
            return None if column is None or not isinstance(relation, Table) else (relation, column)
        outputs = self.lineage.of(relation.oid).columns if relation is not None else ()
        plain = next((each.plain for each in outputs if each.number == column.number), None)
        base = self.catalog.objects.get(plain[0]) if plain is not None else None
        under = base.column_at(plain[1]) if isinstance(base, Table) and plain is not None else None
        return (base, under) if isinstance(base, Table) and under is not None else None

    # Names

    def relation_named(self, name: str) -> Relation | None:
        """The table or view of a name, with its schema or without."""
        for kind in (Table, View):
            for relation in self.catalog.all(kind):
                if matches_table(name, self.catalog.schema_name(relation.schema), relation.name):
                    return relation
        return None
