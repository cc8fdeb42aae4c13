"""`schemaguard baseline write|check|prune`: known findings, by key, that do not count."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schemaguard.cli.options import BaselineOption, ConfigOption, PathArgument, command_app

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.cli.project import Opened
    from schemaguard.linting.baseline import Baseline, Entry
    from schemaguard.linting.result import Result

app = command_app()


@app.callback(no_args_is_help=True)
def baseline() -> None:
    """Accept the findings of today, so that only new ones count."""


@app.command()
def write(
    path: PathArgument = Path(),
    config: ConfigOption = None,
    baseline: BaselineOption = None,
    reason: Annotated[str, typer.Option(help="Why the new entries are accepted.")] = "",
) -> None:
    """List every finding of today in the baseline; entries that are there already keep their reason and dates."""
    from schemaguard.cli.output import note, write_file
    from schemaguard.cli.project import baseline_file
    from schemaguard.linting.baseline import NEVER_WHOLESALE, entries_for, written

    project, known, result = _judged(path, config, baseline)
    entries = entries_for(result.findings, known, date.today(), reason)  # noqa: DTZ011 - the user's own day
    file = baseline_file(project, baseline)
    write_file(file, written(entries))
    note(f"{file.name} lists {len(entries)} findings")
    listed = {entry.key for entry in entries}
    left_out = [finding for finding in result.findings if finding.key not in listed]
    for finding in left_out:
        note(f"not listed, because it is of the family {NEVER_WHOLESALE}: {finding.key}")
    if project.policy.baseline is None and baseline is None:
        note(f"add `baseline: {file.name}` to the config, so that `schemaguard check` reads it")


@app.command()
def check(path: PathArgument = Path(), config: ConfigOption = None, baseline: BaselineOption = None) -> None:
    """Exit with 1 if the baseline lists findings that are gone or entries that have expired."""
    from schemaguard.cli.output import write_out

    _, known, result = _judged(path, config, baseline)
    if known is None:
        raise _none()
    gone = _gone(known, result)
    expired = [entry for entry in known.entries.values() if known.is_expired(entry)]
    for word, entries in (("gone", gone), ("expired", expired)):
        write_out("".join(f"{word}: {entry.key}\n" for entry in entries))
    raise typer.Exit(int(bool(gone or expired)))


@app.command()
def prune(path: PathArgument = Path(), config: ConfigOption = None, baseline: BaselineOption = None) -> None:
    """Take the entries out whose findings are gone."""
    from schemaguard.cli.output import note, write_file
    from schemaguard.cli.project import baseline_file
    from schemaguard.linting.baseline import written

    project, known, result = _judged(path, config, baseline)
    if known is None:
        raise _none()
    gone = {entry.key for entry in _gone(known, result)}
    kept = [entry for key, entry in sorted(known.entries.items()) if key not in gone]
    file = baseline_file(project, baseline)
    write_file(file, written(kept))
    note(f"{file.name}: {len(gone)} entries taken out, {len(kept)} left")


def _judged(path: Path, config: Path | None, baseline: Path | None) -> tuple[Opened, Baseline | None, Result]:
    """Run all rules over the project as it is; `write` may name a baseline that is not there yet."""
    from schemaguard.cli.project import baseline_file, known_findings, open_project
    from schemaguard.linting.pipeline import check as run_check

    project = open_project(path, config)
    today = date.today()  # noqa: DTZ011 - the user's own day
    file = baseline_file(project, baseline)
    known = known_findings(project, file, today) if file.is_file() else None
    result = run_check(
        project.tree, project.policy, project.registry, today=today, known=known, label=project.label
    )
    own = {"baseline-stale"}  # about the baseline, not for it
    return (
        project,
        known,
        result._replace(findings=[each for each in result.findings if each.rule not in own]),
    )


def _gone(known: Baseline, result: Result) -> Sequence[Entry]:
    return list(known.stale({rule.name for rule in result.rules}))


def _none() -> Exception:
    from schemaguard.cli.failures import Stop

    return Stop("there is no baseline; `schemaguard baseline write` makes it")
