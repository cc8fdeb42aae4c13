"""Where the time of a check goes: CPU seconds of each stage and of each kind of statement, as JSON."""

from __future__ import annotations

import gc
import json
import sys
import time
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

clock = time.process_time
spent: dict[str, float] = defaultdict(float)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Charge what happens inside to a stage."""
    started = clock()
    try:
        yield
    finally:
        spent[name] += clock() - started


def charge(module: ModuleType, name: str, to: str) -> None:
    """Charge every call of a module's function to a stage."""
    function: Callable[..., Any] = getattr(module, name)

    def charged(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - passed through
        with stage(to):
            return function(*arguments, **named)

    setattr(module, name, charged)


def main() -> None:
    """Check the project that the command line names."""
    gc.disable()
    with stage("start: interpreter and imports"):
        spent["start: interpreter and imports"] += clock()
        from schemaguard.catalog import replay
        from schemaguard.cli.project import open_project
        from schemaguard.linting import history, pipeline
        from schemaguard.report import Style, render
    with stage("config and list of rules"):
        project = open_project(Path(sys.argv[1]), None)
    charge(history, "load_sources", "files found and read")
    charge(replay, "parse", "parsing and decoding")
    plain = replay.Replay._dispatch  # noqa: SLF001 - the one place that every statement goes through
    depth = 0

    def dispatch(self: replay.Replay, run: Any, step: replay.Step) -> None:  # noqa: ANN401 - passed through
        nonlocal depth
        depth += 1
        try:
            if depth > 1:
                plain(self, run, step)
                return
            with stage(f"replay: {step.statement.kind}"):
                plain(self, run, step)
        finally:
            depth -= 1

    replay.Replay._dispatch = dispatch  # type: ignore[method-assign] # noqa: SLF001 - as above
    charge(pipeline, "run", "rules")
    charge(pipeline, "run_closing", "rules")
    from datetime import date

    result = pipeline.check(
        project.tree,
        project.policy,
        project.registry,
        today=date.today(),  # noqa: DTZ011 - the user's own day
    )
    with stage("report (console)"):
        render("console", result, Style(1))
    json.dump({"total": clock(), "stages": dict(spent)}, sys.stdout)


if __name__ == "__main__":
    main()
