"""
What is built holds what the checkout holds, and behaves the same.
"""

from __future__ import annotations

import configparser
import importlib.metadata
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import schemaguard
from tests.source_tree import ROOT, RULES, SRC, is_standard_library, modules

if TYPE_CHECKING:
    from collections.abc import Iterator

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECTS = [ROOT / "fixtures/projects/b03_foundation", ROOT / "fixtures/projects/b03_hardened"]

# What a build must not see; a stale `build/` would even put removed files into a wheel.
NOT_SOURCES = (".git", ".venv", ".*_cache", ".hypothesis", "__pycache__", "*.egg-info", "build", "dist")


class Built(NamedTuple):
    """What `python -m build` leaves: the wheel is made from the sdist, so the sdist is complete."""

    sdist: Path
    wheel: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build a copy of the checkout, without a network."""
    folder = tmp_path_factory.mktemp("packaging")
    shutil.copytree(ROOT, folder / "checkout", ignore=shutil.ignore_patterns(*NOT_SOURCES))
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder / "dist")]
    done = subprocess.run([*build, str(folder / "checkout")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    [sdist] = (folder / "dist").glob("*.tar.gz")
    [wheel] = (folder / "dist").glob("*.whl")
    return Built(sdist, wheel)


def in_checkout() -> set[str]:
    """Return every file of the two trees, under the name it is installed by."""
    trees = {"schemaguard": SRC, "schemaguard_rules": RULES}
    return {
        f"{package}/{path.relative_to(folder).as_posix()}"
        for package, folder in trees.items()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def in_wheel(wheel: Path, name: str) -> str:
    """Return the text of a file of the wheel's own metadata."""
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(f"schemaguard-{schemaguard.__version__}.dist-info/{name}").decode()


def test_wheel_holds_both_trees_and_nothing_else(built: Built) -> None:
    """Every module, every family of rules and every data file is installed; tests and fixtures are not."""
    with zipfile.ZipFile(built.wheel) as archive:
        installed = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert installed == in_checkout()


def test_every_folder_of_python_is_a_package() -> None:
    """A folder without `__init__.py` would be left out of a wheel, and only there."""
    folders = {path.parent for tree in (SRC, RULES) for path in tree.rglob("*.py")}

    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_sdist_holds_what_its_tests_need(built: Built) -> None:
    """`make test` works from the sdist."""
    with tarfile.open(built.sdist) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}

    for wanted in ("Makefile", "LICENSE", "docs/generate.py", "tests/conftest.py", "tests/test_packaging.py"):
        assert wanted in packed
    for folder in PROJECTS:
        files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        assert {path.relative_to(ROOT).as_posix() for path in files} <= packed


def test_wheel_names_licence_python_and_doors(built: Built) -> None:
    """The metadata says what pyproject.toml says."""
    metadata = in_wheel(built.wheel, "METADATA").splitlines()
    doors = configparser.ConfigParser()
    doors.read_string(in_wheel(built.wheel, "entry_points.txt"))

    assert f"Version: {schemaguard.__version__}" in metadata
    assert "License-Expression: GPL-3.0-or-later" in metadata
    assert "Requires-Python: >=3.11" in metadata
    assert dict(doors["console_scripts"]) == {"schemaguard": "schemaguard.cli:main"}
    assert dict(doors["schemaguard.rules"]) == {"builtin": "schemaguard_rules"}


def test_rules_enter_by_the_entry_point_of_plugins() -> None:
    """In an editable installation the package of rules is the folder `rules/` itself."""
    [door] = importlib.metadata.entry_points(group="schemaguard.rules", name="builtin")
    found = importlib.util.find_spec(door.value)

    assert found is not None
    assert found.origin == str(RULES / "__init__.py")


def canonical(distribution: str) -> str:
    """Return a distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def requirements() -> Iterator[str]:
    """Names of what schemaguard requires, with its extras for users."""
    project = PYPROJECT["project"]
    extras = project["optional-dependencies"]
    for line in [*project["dependencies"], *extras["postgres"], *extras["django"]]:
        yield canonical(re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0])


def test_every_import_is_a_declared_dependency() -> None:
    """Nothing is imported that only happens to be installed, or comes with something else."""
    provided = importlib.metadata.packages_distributions()
    declared = set(requirements())

    assert [
        f"{module.at(wanted.line)}: {wanted.target}"
        for module in modules(SRC, "schemaguard")
        for wanted in module.imports
        if not is_standard_library(wanted.target)
        and (package := wanted.target.partition(".")[0]) != "schemaguard"
        and not declared.intersection(map(canonical, provided.get(package, [])))
    ] == []


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel with its dependencies into an empty environment; the result is its `bin` folder."""
    environment = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    binaries = environment / "bin"
    pip = [str(binaries / "python"), "-m", "pip", "install", "--quiet", str(built.wheel)]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return binaries


def check(schemaguard_command: Path, project: Path) -> tuple[int, object]:
    """Return the exit code and the decoded report of `schemaguard check`."""
    command = [str(schemaguard_command), "check", str(project), "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.mark.packaging
@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_wheel_checks_as_the_checkout_does(installed: Path, project: Path) -> None:
    """Installed alone, schemaguard reports on a project what it reports from the checkout, field by field."""
    from_checkout = check(Path(sys.executable).parent / "schemaguard", project)

    assert check(installed / "schemaguard", project) == from_checkout
