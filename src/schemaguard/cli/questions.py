"""What the commands share that ask the replayed catalog: options, the project's state, names that must be there."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schemaguard.cli.failures import Stop

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemaguard.catalog.model import Relation
    from schemaguard.catalog.state import Catalog
    from schemaguard.cli.options import Color
    from schemaguard.cli.project import Opened
    from schemaguard.linting.history import Replayed
    from schemaguard.linting.project import Project
    from schemaguard.report.terminal import Line


class AnswerFormat(StrEnum):
    """How an answer is written."""

    TEXT = "text"
    JSON = "json"


AnswerOption = Annotated[AnswerFormat, typer.Option("--format", metavar="FORMAT", help="text or json.")]
ProjectOption = Annotated[
    Path, typer.Option("--project", metavar="PATH", help="The project's folder, or one file of SQL.")
]
AtOption = Annotated[
    str,
    typer.Option(
        "--at",
        metavar="REV",
        help="The state after this migration: its revision, file, version or a unique prefix; default: the last.",
        show_default=False,
    ),
]


def state(project: Opened, at: str = "") -> Replayed:
    """The project's history, replayed; `at`: up to that migration. What was assumed is told on standard error."""
    from schemaguard.cli.output import note
    from schemaguard.linting.history import replayed

    read = replayed(project.tree, project.policy, at)
    for problem in read.problems:
        place = problem.span.location
        note(f"{place.path}:{place.line}: {problem.message}")
    return read


def linted(read: Replayed) -> Project:
    """The replayed project as the rules see it."""
    from schemaguard.linting.project import Project

    project = Project(read.history, read.policy, files=read.files, problems=read.problems)
    project.specs = read.specs
    return project


def taxonomy_tables(project: Project) -> set[int]:
    """The tables that hold codes by the config: their literal rows are facts."""
    found = (project.table_named(taxonomy.table) for taxonomy in project.policy.taxonomies)
    return {table.oid for table in found if table is not None}


def relation_named(catalog: Catalog, name: str) -> Relation:
    """The table, view or sequence of a name, with its schema or (where only one schema has it) without.

    Raises:
        Stop: there is none, or several.
    """
    from schemaguard.catalog.model import Index, Relation
    from schemaguard.config.decode import listing

    known = {
        catalog.qualified(record): record
        for record in catalog.all(Relation)
        if not isinstance(record, Index) and record.kind in "rpfvmS"
    }
    for wanted in dict.fromkeys((name, name.replace('"', ""), name.lower())):
        found = [full for full in known if wanted in (full, full.partition(".")[2])]
        if f"public.{wanted}" in found:
            return known[f"public.{wanted}"]
        if len(found) == 1:
            return known[found[0]]
        if found:
            raise Stop(f"`{name}` is in several schemas: {listing(found)}")
    short = {full.removeprefix("public."): full for full in known}
    raise Stop(f"there is no table or view `{name}`{hint(name, [*short, *known])}")


def role_named(catalog: Catalog, name: str) -> int:
    """The oid of a role, 0 for PUBLIC.

    Raises:
        Stop: there is none.
    """
    if name.upper() == "PUBLIC":
        return 0
    for wanted in (name, name.lower()):
        if wanted in catalog.roles:
            return catalog.roles[wanted]
    raise Stop(f"there is no role `{name}`{hint(name, catalog.roles)}")


def hint(name: str, known: Iterable[str]) -> str:
    """What may have been meant, or the names that there are."""
    from schemaguard.config.decode import listing, nearest

    names = list(known)
    if near := nearest(name, names):
        return f"; {near}"
    return f"; there are {listing(names[:_MOST])}{' …' if len(names) > _MOST else ''}" if names else ""


_MOST = 8


def answer(format: AnswerFormat, lines: Iterable[Line], document: dict[str, Any], color: Color) -> None:
    """Write an answer to standard output, in the format that was asked for."""
    from schemaguard.cli.output import write_out
    from schemaguard.report.json_report import dump

    if format is AnswerFormat.JSON:
        write_out(dump(document, indent=True))
        return
    show(lines, color)


def show(lines: Iterable[Line], color: Color) -> None:
    """Write lines for people to standard output."""
    from schemaguard.cli.output import style_for, write_out
    from schemaguard.report.terminal import paint

    style = style_for(0, "", color=color, quiet=False, verbose=False)
    write_out(paint(lines, color=style.color))
