"""What a mapping itself says of a column (type, NOT NULL, CHECK, UNIQUE, foreign key), against the replayed column."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.catalog.model import Index, Table
from schemaguard.contracts.crosscheck import cross_check
from schemaguard.contracts.judging.conditions import conjuncts
from schemaguard.contracts.judging.kinds import SERIALS, said_type, same_type
from schemaguard.linting.questions.checks import checks_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Column, Relation
    from schemaguard.contracts.mapping.form import Entity, EntityColumn, Said
    from schemaguard.linting.project import Project
    from schemaguard.linting.rule import Place


class Outdated(NamedTuple):
    """A statement of a mapping that no longer holds of a column: in words, where it stands, and what is there."""

    relation: Relation
    column: Column
    said: str
    what: str
    at: Place
    because: tuple[tuple[Place, str], ...]
    detail: str


def outdated_statements(project: Project) -> Iterator[Outdated]:
    """Each statement of a mapping that the replayed column contradicts."""
    check = cross_check(project)
    for mapping in check.mappings:
        for entity in mapping.entities:
            relation = check.relation_named(entity.table.text)
            if relation is None:
                continue
            for spec in entity.columns:
                column = relation.column(spec.name.text)
                if column is not None:
                    yield from _types(project, relation, column, spec)
                    if isinstance(relation, Table):
                        yield from _constraints(project, relation, column, spec)
                yield from _arrows(relation, entity, spec)


def _arrows(relation: Relation, entity: Entity, spec: EntityColumn) -> Iterator[Outdated]:
    """`→ COLUMN` that names another column than the one it stands at."""
    for reference in spec.references:
        column = relation.column(spec.name.text)
        if reference.column and reference.column != spec.name.text and column is not None:
            what = f"but it stands at `{spec.name.text}` of `{entity.name.text}`"
            because = ((spec.name.place, "the column that it stands at"),)
            yield Outdated(relation, column, f"→ {reference.column}", what, reference.place, because, "arrow")


def _types(project: Project, relation: Relation, column: Column, spec: EntityColumn) -> Iterator[Outdated]:
    said: dict[str, tuple[str, Place]] = {}
    if spec.type is not None:
        said[spec.type.text] = (spec.type.text, spec.type.place)
    for reference in spec.references:
        if reference.column_type and not reference.column_type.startswith("FK"):
            said.setdefault(reference.column_type, (reference.column_type, reference.place))
    for text, place in said.values():
        wanted = said_type(project.catalog, SERIALS.get(text.lower(), text))
        if wanted is not None and same_type(project.catalog, column.type, wanted):
            continue
        actual = project.type_name(column.type)
        what = f"but it is {actual}" if wanted is not None else f"which is no type; it is {actual}"
        at = column.type_because or column.because
        yield Outdated(relation, column, text, what, place, ((at, f"{actual} since here"),), f"type {text}")


def _constraints(project: Project, table: Table, column: Column, spec: EntityColumn) -> Iterator[Outdated]:
    made: Place = column.not_null_because or column.because
    if spec.not_null is not None and not (
        project.is_not_null(column) or project.not_null_check(table, column) is not None
    ):
        because: tuple[tuple[Place, str], ...] = ((made, "nullable since here"),)
        yield Outdated(
            table, column, "NOT NULL", "but it may be NULL", spec.not_null.place, because, "not null"
        )
    for said in spec.checks:
        if (missing := _missing_check(project, table, column, said)) is not None:
            what, because = missing
            yield Outdated(
                table, column, f"CHECK ({said.text})", what, said.place, because, f"check {said.text}"
            )
    for said in spec.uniques:
        if not _is_unique(project, table, said):
            because = ((table.because, "the table"),)
            yield Outdated(
                table, column, f"UNIQUE ({said.text})", "but no index makes it so", said.place, because,
                f"unique {said.text}",
            )  # fmt: skip
    if spec.foreign_key is not None and not _refers(project, table, column, spec.foreign_key):
        actual = _foreign_keys(project, table, column)
        what = f"but it refers to {actual[0]}" if actual else "but it refers to nothing"
        at = actual[1] if actual else column.because
        yield Outdated(
            table, column, f"a foreign key to {spec.foreign_key.text}", what, spec.foreign_key.place,
            ((at, "the column" if not actual else "the foreign key"),), "foreign key",
        )  # fmt: skip


def _missing_check(
    project: Project, table: Table, column: Column, said: Said
) -> tuple[str, tuple[tuple[Place, str], ...]] | None:
    """Why a CHECK of the mapping is not the column's; None where it is."""
    from schemaguard.statements.fragments import parse_expression

    node = parse_expression(said.text)
    if node is None:
        return "which is no condition", ()
    found: set[object] = set()
    places: list[tuple[Place, str]] = []
    for constraint, names in checks_on(project.catalog, table, column):
        if constraint.expression is not None:
            rename = dict.fromkeys(names, column.name)
            found |= set(conjuncts(constraint.expression.node, rename))
            places.append((constraint.because, f"the CHECK `{constraint.name}`"))
    if set(conjuncts(node, {})) <= found:
        return None
    if places:
        return "but its CHECKs demand something else", tuple(places)
    return "but it has no such CHECK", ((column.because, "the column"),)


def _is_unique(project: Project, table: Table, said: Said) -> bool:
    wanted = {part.strip().strip('"') for part in said.text.split(",")}
    for index in project.catalog.all(Index):
        if index.table == table.oid and index.unique and index.predicate is None:
            columns = [table.column_at(key.number) for key in index.keys]
            if {each.name if each is not None else "" for each in columns} == wanted:
                return True
    return False


def _refers(project: Project, table: Table, column: Column, said: Said) -> bool:
    *_, name, key = said.text.split(".")
    for constraint in project.catalog.constraints(table.oid):
        if constraint.type == "f" and column.number in constraint.columns:
            target = project.catalog.objects.get(constraint.ref_table)
            number = constraint.ref_columns[constraint.columns.index(column.number)]
            if isinstance(target, Table) and target.name == name and project.is_column(target, number, key):
                return True
    return False


def _foreign_keys(project: Project, table: Table, column: Column) -> tuple[str, Place] | None:
    """What a column refers to in words, and where that is said."""
    for constraint in project.catalog.constraints(table.oid):
        if constraint.type == "f" and column.number in constraint.columns:
            target = project.catalog.objects.get(constraint.ref_table)
            number = constraint.ref_columns[constraint.columns.index(column.number)]
            if isinstance(target, Table) and (key := target.column_at(number)) is not None:
                return f"`{project.name(target, key)}`", constraint.because
    return None
