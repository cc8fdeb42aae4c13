"""`schemaguard check`: replay, ask the rules, report."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schemaguard.cli.options import (
    BaseDirOption,
    BaselineOption,
    BaseOption,
    CacheDirOption,
    ChangedFilesOption,
    Color,
    ColorCommand,
    ColorOption,
    ConfigOption,
    FailOn,
    HeadOption,
    MergeOption,
    NoCacheOption,
    PathArgument,
    command_app,
    split,
)

if TYPE_CHECKING:
    from schemaguard.sources.tree import FileTree

app = command_app()


@app.command(cls=ColorCommand)
# long: one parameter an option
def check(  # noqa: PLR0917 - typer makes the options of them, by name
    path: PathArgument = Path(),
    config: ConfigOption = None,
    format: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="FORMAT[=FILE]",
            help="console (default), json, jsonl, sarif, github, gitlab, junit or markdown; with =FILE it is written "
            "there. Repeatable.",
        ),
    ] = None,
    fail_on: Annotated[
        FailOn, typer.Option(help="The least severity that makes the exit code 1.")
    ] = FailOn.ERROR,
    select: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME,…", help="Run only these rules or families (and those that say what was not read)."
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="NAME,…", help="Leave these rules or families out.")
    ] = None,
    baseline: BaselineOption = None,
    base: BaseOption = None,
    head: HeadOption = None,
    merge: MergeOption = False,
    base_dir: BaseDirOption = None,
    changed_files: ChangedFilesOption = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Unused suppressions and stale baseline entries are errors.")
    ] = False,
    cache_dir: CacheDirOption = None,
    no_cache: NoCacheOption = False,
    color: ColorOption = Color.AUTO,
    quiet: Annotated[bool, typer.Option("--quiet", help="One line a finding, no notes.")] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", help="Also what does not count, the rules that did not run, and tracebacks."
        ),
    ] = False,
) -> None:
    """Replay the migrations of a project and check the schema they leave.

    Exit codes: 0 nothing at or above --fail-on, 1 findings at or above it, 2 could not check.
    """
    from schemaguard.cache.answers import Answer, answered
    from schemaguard.cli import kept
    from schemaguard.cli.change import Change, check as check_change
    from schemaguard.cli.output import note, outputs, rendered, style_for, write
    from schemaguard.cli.project import known_findings, open_project
    from schemaguard.findings import Severity

    wanted = outputs(format or ())
    change = Change(base, head, merge, base_dir, changed_files)
    change.require_sense()
    project = open_project(path, config)
    today = date.today()  # noqa: DTZ011 - the user's own day
    names = (split(select), split(ignore))
    style = style_for(0, project.prefix, color=color, quiet=quiet, verbose=verbose)

    def run(tree: FileTree) -> Answer:
        from schemaguard.linting.pipeline import check as run_check
        from schemaguard.linting.selection import Choice

        choice = Choice(*names)
        if change.is_wanted:
            result = check_change(
                project._replace(tree=tree),
                change,
                choice,
                today=today,
                config=config,
                baseline=baseline,
                strict=strict,
            )
        else:
            result = run_check(
                tree,
                project.policy,
                project.registry,
                choice,
                today=today,
                known=known_findings(project, baseline, today),
                strict=strict,
                label=project.label,
            )
        exit_code = result.exit_code(None if fail_on is FailOn.NEVER else Severity[fail_on.name])
        reports = rendered(result, wanted, style._replace(exit_code=exit_code))
        return Answer(exit_code, tuple(result.notices), reports)

    store = None if no_cache or not kept.can_be_kept(change) else kept.store(cache_dir)
    options = (change, config, baseline, names, fail_on, strict, style, today, wanted)
    answer = answered(store, kept.question(project, change, baseline, options), project.tree, run)
    if not quiet:
        for notice in answer.notices:
            note(f"note: {notice}")
    write(answer.reports, wanted)
    raise typer.Exit(answer.exit_code)
