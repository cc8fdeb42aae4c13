"""
What a run loads before it has anything to do: counted in modules, since seconds say more of the machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = """
import json, sys
sys.argv = ["schemaguard", *sys.argv[1:]]
from schemaguard.cli import main
try:
    main()
except SystemExit:
    pass
print("\\n" + json.dumps(sorted(sys.modules)))
"""


def loaded(*arguments: str, folder: Path | None = None, cache: Path | None = None) -> list[str]:
    """Modules that a run has loaded by its end."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SCHEMAGUARD_")}
    if cache is not None:
        environment["SCHEMAGUARD_CACHE_DIR"] = str(cache)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        check=True,
        text=True,
    )
    found: list[str] = json.loads(done.stdout.splitlines()[-1])
    return [name for name in found if not name.startswith(("coverage", "$coverage"))]


def packages(modules: list[str]) -> set[str]:
    """The packages among them that are not of the standard library."""
    tops = {name.partition(".")[0] for name in modules}
    return {name for name in tops if name not in sys.stdlib_module_names and not name.startswith("_")}


def test_help_loads_the_command_line_only() -> None:
    modules = loaded("--help")

    assert packages(modules) <= {"annotated_doc", "schemaguard", "shellingham", "typer", "typing_extensions"}
    assert {name for name in modules if name.startswith("schemaguard")} == {
        "schemaguard",
        "schemaguard.cli",
        "schemaguard.cli.app",
        "schemaguard.cli.failures",
    }
    assert len(modules) < 220


def test_help_of_a_command_loads_no_more_than_its_options() -> None:
    ours = {name for name in loaded("check", "--help") if name.startswith("schemaguard")}

    assert {name.rpartition(".")[0] for name in ours} <= {"", "schemaguard", "schemaguard.cli"}


def test_an_answer_that_is_kept_loads_no_parser_and_no_rule(tmp_path: Path) -> None:
    """Only what it takes to read the config, to compare files and to print."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "schemaguard.yaml").write_text('version: 1\nsources: [{sql: "*.sql"}]\n')
    (tmp_path / "1.sql").write_text("CREATE TABLE orders (id bigint PRIMARY KEY);")
    cold = loaded("check", folder=tmp_path, cache=tmp_path / ".git" / "cache")
    warm = loaded("check", folder=tmp_path, cache=tmp_path / ".git" / "cache")

    heavy = ("pglast", "schemaguard_rules.", "schemaguard.catalog.commands", "schemaguard.linting.pipeline")
    for name in heavy:
        assert any(module.startswith(name) for module in cold)
        assert not any(module.startswith(name) for module in warm)
    assert packages(warm).isdisjoint({"rich", "sqlglot", "sqlalchemy", "alembic", "psycopg", "orjson"})
