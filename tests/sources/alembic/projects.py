"""
Alembic projects to read: the fixtures, and small ones written for a test; and the real Alembic, to run them.
"""

from __future__ import annotations

import shutil
import sys
import warnings
from contextlib import chdir, contextmanager
from typing import TYPE_CHECKING

from schemaguard.sources.alembic import AlembicOptions, load
from schemaguard.sources.tree import DiskTree
from tests.source_tree import ROOT
from tests.sources.alembic.targets import RecordingTarget

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from schemaguard.sources.alembic import AlembicSource

FIXTURES = ROOT / "fixtures" / "alembic"
DEFAULT = FIXTURES / "default"


def fixture_copy(name: str, folder: Path) -> Path:
    """Copy a fixture; what it has not of its own (`alembic.ini`, `env.py`) comes from the default project."""
    root = folder / name
    shutil.copytree(FIXTURES / name, root, ignore=shutil.ignore_patterns("__pycache__"))
    if not (root / "alembic.ini").exists():
        shutil.copy(DEFAULT / "alembic.ini", root)
    if not list(root.rglob("env.py")):
        shutil.copy(DEFAULT / "env.py", root)
    return root


def written(root: Path, files: Mapping[str, str]) -> Path:
    """Write a project: its files, with the default project's `alembic.ini` and `env.py` unless given."""
    for path, text in {
        "alembic.ini": (DEFAULT / "alembic.ini").read_text(),
        "env.py": (DEFAULT / "env.py").read_text(),
        **files,
    }.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def source(root: Path, options: AlembicOptions | None = None) -> AlembicSource:
    """Read a project by its ini file."""
    return load(DiskTree(root), "alembic.ini", options)


def revision(body: str, *, top: str = "", name: str = "a") -> str:
    """Return the text of a revision file: module-level code, and the indented body of `upgrade`."""
    return (
        f"import sqlalchemy as sa\nfrom alembic import op\n\nrevision = {name!r}\ndown_revision = None\n"
        f"{top}\n\ndef upgrade():\n{body}"
    )


def interpreted(
    root: Path,
    text: str,
    *,
    target: RecordingTarget | None = None,
    options: AlembicOptions | None = None,
    files: Mapping[str, str] | None = None,
) -> RecordingTarget:
    """Interpret `upgrade()` of one revision; the version table is left out of what is recorded."""
    written(root, {"versions/a.py": text, **(files or {})})
    loaded = source(root, options)
    [migration] = loaded.migrations
    assert loaded.problems == []
    migration.version_table = None
    target = RecordingTarget() if target is None else target
    migration.up(target)
    return target


@contextmanager
def isolated_imports() -> Iterator[None]:
    """Undo what running a project does to this process: its modules, its import path."""
    path, modules = list(sys.path), set(sys.modules)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.path[:] = path
        sys.path_importer_cache.pop(".", None)
        for name in set(sys.modules) - modules:
            file = getattr(sys.modules[name], "__file__", None) or ""
            if "site-packages" not in file and "/lib/python" not in file:
                del sys.modules[name]


def alembic_upgrade(root: Path, url: str, section: str = "alembic") -> None:
    """Run the real Alembic on a project, up to all heads."""
    from alembic import command
    from alembic.config import Config

    toml = root / "pyproject.toml"
    config = Config(root / "alembic.ini", toml_file=toml if toml.exists() else None, ini_section=section)
    config.set_section_option(section, "sqlalchemy.url", url)
    with isolated_imports(), chdir(root):
        command.upgrade(config, "heads")
