"""The table of `schemaguard contract`: each field of each operation beside its column, with the rules' verdict."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.model import Relation, Table, View
from schemaguard.contracts.crosscheck import cross_check
from schemaguard.contracts.judging.completeness import governed_schemas, schema_name, unmapped_fields
from schemaguard.contracts.openapi.operations import PARAMETER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from schemaguard.catalog.model import Column
    from schemaguard.contracts.crosscheck import CrossCheck
    from schemaguard.contracts.openapi.objects import Member, ObjectSchema
    from schemaguard.contracts.openapi.operations import Operation
    from schemaguard.contracts.records import Mapped
    from schemaguard.findings import Finding
    from schemaguard.linting.project import Project
    from schemaguard.text import Location

VERIFIED = "verified"
COMPUTED = "computed"
UNMAPPED = "unmapped"
STALE = "stale"
UNKNOWN = "unknown"
STRUCTURE = "structure"
NO_OPERATION = "no operation"

_ADDRESS = re.compile(r"[^:]+#/[^:]*")
"""The address of a field in a finding's key."""


class Row(NamedTuple):
    """A field as an operation sends it, and what holds it.

    `sent`: request, patch, or response with its status. `required`: the schema requires it. `table`, `column`: where
    it is stored, "" where nowhere; `type` and `nullable` are those of what answers: `view` where there is one.
    `verdict`: verified, unknown (it can't be told), computed, unmapped, stale (its reference leads elsewhere),
    structure (its own fields are mapped), or `rules`: those it breaks.
    """

    operation: str
    sent: str
    schema: str
    field: str
    field_type: str
    required: bool
    at: Location
    table: str
    column: str
    type: str
    nullable: bool | None
    view: str
    verdict: str
    rules: tuple[str, ...] = ()


class Totals(NamedTuple):
    """Counts of fields, each once however many operations send it; `stale`: references that lead nowhere."""

    mapped: int
    verified: int
    stale: int
    unmapped: int
    computed: int


class ContractTable(NamedTuple):
    """The rows in the contract's order, and the totals."""

    rows: Sequence[Row]
    totals: Totals


def contract_table(project: Project, findings: Iterable[Finding]) -> ContractTable:
    """The table of a project, with what the rules of the contract found."""
    maker = _Maker(project, list(findings))
    rows = [row for operation in maker.operations() for row in operation]
    return ContractTable(rows, maker.totals(rows))


class _Maker:
    def __init__(self, project: Project, findings: list[Finding]) -> None:
        self.project = project
        self.check: CrossCheck = cross_check(project)
        self.by_address: dict[str, list[Finding]] = {}
        self.by_column: dict[str, list[Finding]] = {}
        for finding in findings:
            named = {*_ADDRESS.findall(finding.key), *(exposure.name for exposure in finding.exposures)}
            for address in named:
                self.by_address.setdefault(address, []).append(finding)
            if finding.rule == "contract-mapping-outdated":
                self.by_column.setdefault(finding.names[0], []).append(finding)
        self.unmapped = {each.field.key for each in unmapped_fields(project)}
        self.governed = {id(schema): schema for schema in governed_schemas(self.check)}

    def operations(self) -> Iterator[Iterator[Row]]:
        """The rows of each operation; last those of schemas that no operation reaches."""
        reached: set[int] = set()
        for operation in self.check.contract.operations:
            yield self.of_operation(operation, reached)
        rest = [schema for key, schema in self.governed.items() if key not in reached]
        yield (row for schema in rest for row in self.of_schema(schema, NO_OPERATION, "response"))

    def of_operation(self, operation: Operation, reached: set[int]) -> Iterator[Row]:
        seen: set[tuple[int, str]] = set()
        for content in operation.contents:
            if content.direction == PARAMETER:
                continue
            sent = f"{content.direction} {content.status}".strip()
            pending = [content.schema]
            inner_seen: set[int] = set()
            while pending:
                schema = self.check.contract.object(pending.pop(0))
                if schema is None or id(schema) in inner_seen:
                    continue
                inner_seen.add(id(schema))
                if id(schema) in self.governed and (id(schema), content.direction) not in seen:
                    seen.add((id(schema), content.direction))
                    reached.add(id(schema))
                    yield from self.of_schema(schema, operation.name, sent)
                pending.extend((*schema.inner, *schema.choices))

    def of_schema(self, schema: ObjectSchema, operation: str, sent: str) -> Iterator[Row]:
        direction = sent.partition(" ")[0]
        for member in schema.members.values():
            if not self.check.contract.is_sent(member.field, direction):
                continue
            found = self.check.by_field.get(member.field.key, [])
            base = self.row(member, operation, sent)
            if found:
                yield from (self.mapped(base, mapped) for mapped in found)
            else:
                yield base._replace(verdict=self.verdict(member.field.key))

    def verdict(self, key: tuple[int, str]) -> str:
        """What is to be said of a field that no column holds."""
        if key in self.check.computed:
            return COMPUTED
        if key in self.check.missed:
            return STALE
        return UNMAPPED if key in self.unmapped else STRUCTURE

    def row(self, member: Member, operation: str, sent: str) -> Row:
        field = member.field
        return Row(
            operation=operation,
            sent=sent,
            schema=schema_name(field),
            field=field.name,
            field_type=self.check.contract.shape(field).words,
            required=member.required,
            at=field.place.location,
            table="", column="", type="", nullable=None, view="", verdict="",
        )  # fmt: skip

    def mapped(self, row: Row, mapped: Mapped) -> Row:
        """A row with its column and verdict."""
        holder = mapped.holder
        row = row._replace(table=mapped.table, column=mapped.name)
        if mapped.relation is None or mapped.column is None or holder is None:
            return row._replace(verdict="contract-column-unknown", rules=("contract-column-unknown",))
        relation, column = holder
        columns = {self.key(mapped.relation, mapped.column), *self.keys_under(relation, column)}
        found = [
            finding.rule
            for finding in self.by_address.get(mapped.field.address, ())
            if not finding.object.startswith("column ") or finding.names[0] in columns
        ]
        found += [finding.rule for each in sorted(columns) for finding in self.by_column.get(each, ())]
        rules = tuple(dict.fromkeys(found))
        nullable = self.nullable(relation, column)
        doubtful = not mapped.shape.known or (nullable is None and mapped.required is not None)
        return row._replace(
            type=self.project.type_name(column.type),
            nullable=nullable,
            view=self.project.name(relation) if isinstance(relation, View) else "",
            verdict=", ".join(rules) or (UNKNOWN if doubtful else VERIFIED),
            rules=rules,
        )

    def keys_under(self, relation: Relation, column: Column) -> Iterator[str]:
        """The names of a column as findings have it, and of those that a view makes it of."""
        yield self.key(relation, column)
        for output in self.check.lineage.of(relation.oid).columns if isinstance(relation, View) else ():
            for source in output.values if output.number == column.number else ():
                base = self.project.catalog.objects.get(source.relation)
                under = base.column_at(source.attribute) if isinstance(base, Relation) else None
                if isinstance(base, Relation) and under is not None:
                    yield self.key(base, under)

    def key(self, relation: Relation, column: Column) -> str:
        return f"{self.project.catalog.qualified(relation)}.{column.name}"

    def nullable(self, relation: Relation, column: Column) -> bool | None:
        if isinstance(relation, Table):
            return not (
                self.project.is_not_null(column) or self.project.not_null_check(relation, column) is not None
            )
        lineage = self.check.lineage.of(relation.oid)
        return next((each.nullable for each in lineage.columns if each.number == column.number), None)

    def totals(self, rows: Sequence[Row]) -> Totals:
        fields: dict[Location, set[str]] = {}
        for row in rows:
            fields.setdefault(row.at, set()).add(row.verdict)
        mapped = [
            verdicts for verdicts in fields.values() if not verdicts & {UNMAPPED, COMPUTED, STALE, STRUCTURE}
        ]
        return Totals(
            mapped=len(mapped),
            verified=sum(verdicts == {VERIFIED} for verdicts in mapped),
            stale=len(self.check.stale),
            unmapped=sum(UNMAPPED in verdicts for verdicts in fields.values()),
            computed=sum(COMPUTED in verdicts for verdicts in fields.values()),
        )
