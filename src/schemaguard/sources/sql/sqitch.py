"""sqitch: the plan tells the order; `deploy/NAME.sql`, `revert/NAME.sql` and `verify/NAME.sql` are the scripts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from schemaguard.sources.problems import Problem
from schemaguard.sources.sql.migration import Runs, SqlMigration
from schemaguard.sources.sql.pairs import whole
from schemaguard.sources.tree import join, parent

if TYPE_CHECKING:
    from schemaguard.sources.sql.selection import Selection
    from schemaguard.text import SourceFile, Span

NAME = "sqitch"
PLAN = "sqitch.plan"
RUNS = Runs(transactional=False, shares_session=False)  # psql runs each script, which has its own BEGIN

_CHANGE = re.compile(r"^[ \t]*(?P<operation>[+-]?)[ \t]*(?P<name>[^\s%#@\[+-][^\s\[#]*)(?=\s)", re.MULTILINE)
_TAG = re.compile(r"^[ \t]*@(?P<name>\S+)", re.MULTILINE)
_SECTION = re.compile(r"""^\s*\[\s*(\w+)(?:\s+"([^"]+)")?\s*\]""")
_OPTION = re.compile(r"""^\s*([\w-]+)\s*=\s*"?([^"#;\n]*?)"?\s*(?:[#;].*)?$""")


class Change(NamedTuple):
    """A change of the plan; `tags`: those between it and the next change of the same name, where there is one."""

    name: str
    span: Span
    tags: tuple[str, ...] = ()


class _Folders(NamedTuple):
    """Where the scripts are."""

    plan: str
    deploy: str
    revert: str
    extension: str


def detect(selection: Selection) -> bool:
    """A plan among the files, or upwards."""
    return _plan_path(selection) is not None


def _plan_path(selection: Selection) -> str | None:
    """The plan, where the selected files are its scripts or include it."""
    found = [path for path in selection.paths if path.rpartition("/")[2] == PLAN]
    if found:
        return found[0]
    path = selection.upwards(PLAN)
    if path is None:
        return None
    below = selection.folder.removeprefix(parent(path)).lstrip("/").split("/")[0]
    return path if below in ("", "deploy", "revert", "verify") else None


def load(selection: Selection) -> list[SqlMigration]:
    """One migration a change, in the plan's order; a change without a deploy script is told of."""
    reader = selection.reader
    path = _plan_path(selection)
    plan = reader.file(path) if path else None
    if plan is None:
        return []
    settings = _settings(selection, parent(plan.path))
    folders = _folders(settings, parent(plan.path))
    for name, value in {**settings.get("deploy.variables", {}), **settings.get("core.variables", {})}.items():
        reader.values.setdefault(name, value)
    migrations = []
    for change in changes(plan):
        deploy = _script(selection, folders.deploy, change, folders.extension)
        file = reader.file(deploy) if selection.tree.is_file(deploy) else None
        if file is None:
            if not selection.tree.is_file(deploy):
                message = f"the plan names `{change.name}`, but there is no {deploy}"
                about = f"change {change.name}"
                reader.problems.append(Problem("revision-graph-broken", change.span, message, (), "", about))
            continue
        down = whole(reader, _script(selection, folders.revert, change, folders.extension))
        name = f"{change.name}@{change.tags[0]}" if "@" in deploy else change.name
        migrations.append(SqlMigration(name, file, reader.program(file), down, RUNS))
    _note_unplanned(selection, folders, {each.file.path for each in migrations})
    return migrations


def changes(plan: SourceFile) -> list[Change]:
    """The changes of a plan in order."""
    lines = [(match.start(), match) for match in _CHANGE.finditer(plan.text)]
    tags = [(match.start(), match["name"]) for match in _TAG.finditer(plan.text)]
    found = []
    for index, (start, match) in enumerate(lines):
        if match["operation"] == "-":
            continue
        again = next((later for later, other in lines[index + 1 :] if other["name"] == match["name"]), None)
        between = tuple(name for at, name in tags if again is not None and start < at < again)
        found.append(Change(match["name"], plan.span(*match.span("name")), between))
    return found


def _script(selection: Selection, folder: str, change: Change, extension: str) -> str:
    """The script of a change; one that was reworked later has its tag in its file's name."""
    for tag in change.tags:
        path = join(folder, f"{change.name}@{tag}.{extension}")
        if selection.tree.is_file(path):
            return path
    tag = f"@{change.tags[0]}" if change.tags else ""
    return join(folder, f"{change.name}{tag}.{extension}")


def _settings(selection: Selection, folder: str) -> dict[str, dict[str, str]]:
    """What sqitch.conf says, by section; `[engine "pg"]` is `engine.pg`."""
    path = join(folder, "sqitch.conf")
    path = path if selection.tree.is_file(path) else selection.upwards("sqitch.conf") or ""
    file = selection.reader.file(path) if path else None
    settings: dict[str, dict[str, str]] = {}
    section: dict[str, str] = {}
    for line in file.text.splitlines() if file else ():
        if found := _SECTION.match(line):
            section = settings.setdefault(".".join(part for part in found.groups() if part), {})
        elif found := _OPTION.match(line):
            section[found[1]] = found[2]
    return settings


def _folders(settings: dict[str, dict[str, str]], folder: str) -> _Folders:
    core = {**settings.get("core", {}), **settings.get("engine.pg", {})}
    top = join(folder, core.get("top_dir", "."))

    def place(key: str, default: str) -> str:
        return join(folder, core[key]) if key in core else join(top, default)

    return _Folders(
        place("plan_file", PLAN),
        place("deploy_dir", "deploy"),
        place("revert_dir", "revert"),
        core.get("extension", "sql"),
    )


def _note_unplanned(selection: Selection, folders: _Folders, planned: set[str]) -> None:
    unplanned = [
        path
        for path in selection.tree.files(folders.deploy)
        if path.endswith(f".{folders.extension}") and path not in planned
    ]
    selection.reader.notes += [f"{path} is not in the plan: not run" for path in unplanned]
