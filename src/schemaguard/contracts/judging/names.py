"""References that lead nowhere, and names that the schema does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.catalog.model import Table, View
from schemaguard.config.decode import nearest
from schemaguard.contracts.crosscheck import cross_check
from schemaguard.contracts.mapping.form import Said
from schemaguard.contracts.records import Dangling

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from schemaguard.catalog.model import Relation
    from schemaguard.contracts.crosscheck import CrossCheck
    from schemaguard.linting.project import Project
    from schemaguard.linting.rule import Place


def stale_references(project: Project) -> Iterator[Dangling]:
    """References that do not lead to what they name, contracts and mappings that can't be read."""
    check = cross_check(project)
    _ = check.mappings, check.mapped, check.read_models
    for unusable in check.contract.unusable:
        yield Dangling(unusable.path, f"`{unusable.path}` {unusable.why}", unusable.place)
    for fault in check.contract.documents.faults():
        path = fault.place.path
        message = fault.message if fault.message.startswith("the ") else f"this {fault.message}"
        yield Dangling(path, f"`{path}`: {message}", fault.place)
    for broken in check.contract.broken:
        yield Dangling(broken.reference, f"the `$ref` `{broken.reference}` {broken.why}", broken.place)
    for stale, _mapping in check.stale:
        if stale.unread:
            continue
        words = stale.reference.words
        because = (stale.instead,) if stale.instead is not None else ()
        yield Dangling(words, f"`{words}` {stale.words}", stale.reference.place, because, stale.why)
    yield from check.dangling


def unknown_names(project: Project) -> Iterator[Dangling]:
    """Tables, views and columns that a mapping names and the replayed schema does not have."""
    check = cross_check(project)
    for mapping in check.mappings:
        for entity in mapping.entities:
            relation = check.relation_named(entity.table.text)
            if relation is None:
                yield _no_relation(project, entity.table)
            if entity.read_model is not None and check.relation_named(entity.read_model.text) is None:
                yield _no_view(project, entity.read_model)
            for column in entity.columns if relation is not None else ():
                if not column.computed and relation is not None:
                    yield from _column(project, relation, column.name)
                for said in column.stitching:
                    yield from _table_and_column(project, check, said)
        for table, _column_name in mapping.stitching:  # of the column, `correlation-broken` speaks
            yield from _relation_and_column(project, check, table)
        if mapping.taxonomy:
            yield from _relation_and_column(project, check, *mapping.taxonomy)
    yield from _of_extensions(project, check)


def _of_extensions(project: Project, check: CrossCheck) -> Iterator[Dangling]:
    for mapped in check.mapped:
        if mapped.source.mapping is None:
            table = mapped.table
            if mapped.relation is None:
                yield _missing(project, "table", table, _relations(project), mapped.place)
            elif mapped.column is None:
                yield from _column_at(project, mapped.relation, mapped.name, mapped.place)
    for model in check.read_models:
        if model.view is None and not any(model.place == each for each in _entity_places(check)):
            yield _no_view(project, Said(model.name, model.place))


def _entity_places(check: CrossCheck) -> Iterator[Place]:
    for mapping in check.mappings:
        for entity in mapping.entities:
            if entity.read_model is not None and check.relation_named(entity.read_model.text) is None:
                yield entity.read_model.place


def _table_and_column(project: Project, check: CrossCheck, said: Said) -> Iterator[Dangling]:
    table, _, column = said.text.partition(".")
    relation = check.relation_named(table)
    if relation is None:
        yield _no_relation(project, said._replace(text=table))
    else:
        yield from _column(project, relation, said._replace(text=column))


def _relation_and_column(
    project: Project, check: CrossCheck, table: Said, column: Said | None = None
) -> Iterator[Dangling]:
    relation = check.relation_named(table.text)
    if relation is None:
        yield _no_relation(project, table)
    elif column is not None:
        yield from _column(project, relation, column)


def _no_relation(project: Project, said: Said) -> Dangling:
    return _missing(project, "table", said.text, _relations(project), said.place)


def _no_view(project: Project, said: Said) -> Dangling:
    views = [view.name for view in project.catalog.all(View)]
    return _missing(project, "view", said.text, views, said.place)


def _column(project: Project, relation: Relation, said: Said) -> Iterator[Dangling]:
    yield from _column_at(project, relation, said.text, said.place)


def _column_at(project: Project, relation: Relation, name: str, place: Place) -> Iterator[Dangling]:
    if relation.column(name) is not None:
        return
    names = [column.name for column in relation.columns]
    renamed = _last_change(project, relation, name)
    hint = nearest(name, names)
    because: list[tuple[Place, str]] = []
    if renamed is not None:
        because.append(renamed)
    elif hint:
        near = relation.column(hint.removeprefix("did you mean `").removesuffix("`?"))
        because.append((near.because if near is not None else None, "the nearest name"))
    else:
        because.append((relation.because, f"`{project.name(relation)}` is made here"))
    message = f"`{project.name(relation)}` has no column `{name}`"
    yield Dangling(
        f"{project.name(relation)}.{name}", f"{message}; {hint}" if hint else message, place, tuple(because)
    )


def _last_change(project: Project, relation: Relation, name: str) -> tuple[Place, str] | None:
    """The statement that renamed or dropped a column of that name, the last one."""
    for step in reversed(project.history.steps):
        node = step.statement.node
        kind = step.statement.kind
        if kind not in ("RenameStmt", "AlterTableStmt") or step.error is not None:
            continue
        if node.get("relation", {}).get("relname") != relation.name:
            continue
        if kind == "RenameStmt":
            if node.get("renameType") == "OBJECT_COLUMN" and node.get("subname") == name:
                return step.statement.span, f"renamed to `{node['newname']}`"
        elif any(
            each["AlterTableCmd"].get("subtype") == "AT_DropColumn"
            and each["AlterTableCmd"].get("name") == name
            for each in node.get("cmds", ())
        ):
            return step.statement.span, "dropped"
    return None


def _missing(project: Project, kind: str, name: str, names: Iterable[str], place: Place) -> Dangling:
    known = list(names)
    hint = nearest(name.rpartition(".")[2], known)
    because: tuple[tuple[Place, str], ...] = ()
    if hint:
        near = cross_check(project).relation_named(hint.removeprefix("did you mean `").removesuffix("`?"))
        because = ((near.because if near is not None else None, "the nearest name"),)
    message = f"there is no {kind} `{name}`"
    return Dangling(name, f"{message}; {hint}" if hint else message, place, because)


def _relations(project: Project) -> list[str]:
    return [each.name for kind in (Table, View) for each in project.catalog.all(kind)]
