"""The chain of tables through which one event can be followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from schemaguard.config.patterns import matches_column
from schemaguard.contracts.crosscheck import cross_check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemaguard.catalog.model import Column, Relation
    from schemaguard.linting.project import Project
    from schemaguard.linting.rule import Place


class Link(NamedTuple):
    """A table of the chain and its column, where there is one; `said`: what demands it."""

    relation: Relation
    name: str
    column: Column | None
    said: Place


class Gap(NamedTuple):
    """A link that is broken: `kind` is missing, type or comment; `other`: the link whose type most others have."""

    link: Link
    kind: str
    other: Link | None = None


def correlation_gaps(project: Project) -> Iterator[Gap]:
    """Links of the chain that lack the column, have it in another type, or do not say what it is for."""
    links = list(_links(project))
    typed = [link for link in links if link.column is not None]
    for link in links:
        if link.column is None:
            yield Gap(link, "missing")
    names: dict[str, int] = {}
    for link in typed:
        names[_type(project, link)] = names.get(_type(project, link), 0) + 1
    usual = max(names, key=lambda name: names[name], default="")
    for link in typed:
        if _type(project, link) != usual:
            other = next(each for each in typed if _type(project, each) == usual)
            yield Gap(link, "type", other)
    for link in typed:
        if not _is_commented(project, link) and not _is_demanded_elsewhere(project, link):
            yield Gap(link, "comment")


def _links(project: Project) -> Iterator[Link]:
    """The tables of the config and of the mappings, each once; those that are not there are found elsewhere."""
    seen: set[tuple[int, str]] = set()
    for name, column, said in _named(project):
        relation = cross_check(project).relation_named(name)
        if relation is not None and (relation.oid, column) not in seen:
            seen.add((relation.oid, column))
            yield Link(relation, column, relation.column(column), said)


def _named(project: Project) -> Iterator[tuple[str, str, Place]]:
    correlation = project.policy.correlation
    if correlation is not None:
        for n, table in enumerate(correlation.tables):
            yield table, correlation.column, project.policy.where("correlation", "tables", n)
    for mapping in cross_check(project).mappings:
        for table_said, column in mapping.stitching:
            yield table_said.text, column.text, table_said.place


def _type(project: Project, link: Link) -> str:
    return project.type_name(link.column.type) if link.column is not None else ""


def _is_commented(project: Project, link: Link) -> bool:
    return link.column is None or project.catalog.comment(link.relation.oid, link.column.number) is not None


def _is_demanded_elsewhere(project: Project, link: Link) -> bool:
    """Whether `comments.columns` demands the comment: then `column-comment-missing` says that it is not there."""
    schema = project.catalog.schema_name(link.relation.schema)
    return any(
        matches_column(pattern, schema, link.relation.name, link.name)
        for pattern in project.policy.comments.columns
    )
