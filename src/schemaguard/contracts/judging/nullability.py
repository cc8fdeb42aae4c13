"""Fields that answers must have in columns that may be NULL, and fields requests may lack in those that may not."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.model import Table, View
from schemaguard.contracts.crosscheck import cross_check
from schemaguard.contracts.openapi.operations import REQUEST, RESPONSE
from schemaguard.contracts.records import Mapped, Misfit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Column, Relation
    from schemaguard.contracts.crosscheck import CrossCheck
    from schemaguard.contracts.openapi.objects import ObjectSchema
    from schemaguard.linting.project import Project
    from schemaguard.linting.rule import Place


class NullableColumn(NamedTuple):
    """A column that may be NULL, and the fields that answers must have and that it holds.

    `relation` and `column`: what answers, a table's or a view's. `why`: what makes a view's column so. `at`: the
    statement that does.
    """

    relation: Relation
    column: Column
    fields: tuple[Mapped, ...]
    why: str
    at: Place
    because: tuple[tuple[Place, str], ...]


class _Gap(NamedTuple):
    """Where a NULL comes from."""

    relation: Relation
    column: Column
    why: str
    at: Place
    because: tuple[tuple[Place, str], ...] = ()


def nullable_columns(project: Project) -> Iterator[NullableColumn]:
    """Each column that may be NULL and holds what the contract promises."""
    gaps: dict[tuple[int, int], tuple[_Gap, list[Mapped]]] = {}
    check = cross_check(project)
    for mapped in check.mapped:
        if mapped.excepted or not mapped.shape.known:
            continue
        promised = _is_promised(check, mapped) and not mapped.shape.nullable
        if (promised or mapped.demanded) and (gap := _gap(project, mapped)) is not None:
            gaps.setdefault((gap.relation.oid, gap.column.number), (gap, []))[1].append(mapped)
    for gap, fields in gaps.values():
        because: list[tuple[Place, str]] = []
        for mapped in {each.field.key: each for each in fields}.values():
            label = "required here" if mapped.required is not None else "the contract's field"
            because.append((mapped.field.place, label))
        because.extend((mapped.place, "mapped here") for mapped in fields)
        yield NullableColumn(
            gap.relation, gap.column, tuple(fields), gap.why, gap.at, (*because, *gap.because)
        )


def _is_promised(check: CrossCheck, mapped: Mapped) -> bool:
    """Whether answers always have a field.

    Not where its schema is one of a choice, and another one of them is held by the same table without the field: rows
    of that kind have no such value.
    """
    for use in mapped.uses:
        if use.direction == RESPONSE and use.required:
            rivals = check.contract.rivals.get(id(use.schema), ())
            if all(_leaves_alone(check, rival, mapped) for rival in rivals):
                return True
    return False


def _leaves_alone(check: CrossCheck, rival: ObjectSchema, mapped: Mapped) -> bool:
    """Whether a schema's rows are in other tables, or have the column, too."""
    held = [
        (each, member.required)
        for member in rival.members.values()
        for each in check.by_field.get(member.field.key, ())
        if each.table == mapped.table
    ]
    return not held or any(each.name == mapped.name and required for each, required in held)


def _gap(project: Project, mapped: Mapped) -> _Gap | None:
    holder = mapped.holder
    if holder is None:
        return None
    relation, column = holder
    if isinstance(relation, Table):
        if project.is_not_null(column) or project.not_null_check(relation, column) is not None:
            return None
        return _Gap(relation, column, "", column.not_null_because or column.because)
    return _gap_of_view(project, relation, column) if isinstance(relation, View) else None


def _gap_of_view(project: Project, view: View, column: Column) -> _Gap | None:
    """Blame the base column where the view only passes its NULLs on."""
    lineage = cross_check(project).lineage.of(view.oid)
    output = next((each for each in lineage.columns if each.number == column.number), None)
    if output is None or not output.nullable:
        return None
    values = output.values
    if len(values) == 1:
        base = project.catalog.objects.get(values[0].relation)
        source = base.column_at(values[0].attribute) if isinstance(base, Table) else None
        if isinstance(base, Table) and source is not None and output.plain is not None:
            open_base = not project.is_not_null(source) and project.not_null_check(base, source) is None
            if open_base and output.why.endswith("is nullable"):
                way = ((view.because, f"`{project.name(view)}` passes it on"),)
                return _Gap(base, source, "", source.not_null_because or source.because, way)
    return _Gap(view, column, output.why, view.because)


def optional_request_fields(project: Project) -> Iterator[Misfit]:
    """Fields that a request may lack, or send as null, and that a column without a default must have."""
    for mapped in cross_check(project).mapped:
        table, column = mapped.relation, mapped.column
        if not mapped.is_asked or not isinstance(table, Table) or column is None or mapped.shape.has_default:
            continue
        asking = [use for use in mapped.uses if use.direction == REQUEST]
        optional = any(not use.required for use in asking)
        if not asking or not (optional or mapped.shape.nullable) or not mapped.shape.known:
            continue
        if not project.is_not_null(column) or column.default is not None or column.identity:
            continue
        if column.type.oid in project.catalog.objects and _domain_default(project, column):
            continue
        what = "may leave out" if optional else "may send as null"
        yield Misfit(
            mapped,
            table,
            column,
            what,
            column.not_null_because or column.because,
            ((mapped.field.place, "the contract's field"), (mapped.place, "mapped here")),
        )


def _domain_default(project: Project, column: Column) -> bool:
    return getattr(project.catalog.objects[column.type.oid], "default", None) is not None
