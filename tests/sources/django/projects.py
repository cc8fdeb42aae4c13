"""
Django projects to read, and the real Django, to run them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from schemaguard.catalog.bootstrap import new_catalog
from schemaguard.catalog.replay import Replay
from schemaguard.plpgsql.engine import Engine
from schemaguard.sources.alembic.options import AlembicOptions
from schemaguard.sources.django import DjangoSource, load
from schemaguard.sources.tree import DiskTree
from tests.source_tree import ROOT
from tests.sources.memory import MemoryTree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from schemaguard.postgres.server import Server
    from schemaguard.sources.tree import FileTree
    from tests.sources.alembic.targets import RecordingTarget

SHOP = ROOT / "fixtures" / "django" / "shop"


def source(tree: FileTree, **options: Any) -> DjangoSource:
    """Read the migrations of a project."""
    paths = [path for path in tree.files() if "/migrations/" in path and path.endswith(".py")]
    return load(tree, paths, AlembicOptions(**options))


def on_disk(root: Path, **options: Any) -> DjangoSource:
    """Read the migrations below a folder."""
    return source(DiskTree(root, root), **options)


def migration(operations: str, *, top: str = "", dependencies: str = "[]") -> str:
    """Return the text of a migration file."""
    return (
        f"from django.db import migrations, models\n{top}\n\n"
        f"class Migration(migrations.Migration):\n    dependencies = {dependencies}\n    operations = [{operations}]\n"
    )


def app(files: Mapping[str, str]) -> MemoryTree:
    """Return a project of one app, `shop`, in memory: its migrations by name, or other files by their paths."""
    tree: dict[str, str | bytes] = {"shop/__init__.py": "", "shop/migrations/__init__.py": ""}
    for name, text in files.items():
        tree[name if "/" in name else f"shop/migrations/{name}.py"] = text
    return MemoryTree(tree)


def applied(loaded: DjangoSource, target: RecordingTarget) -> RecordingTarget:
    """Apply all migrations of the project to a target, without the table that Django keeps them in."""
    for each in loaded.migrations:
        each.up(target)
    target.sqls = [sql for sql in target.sqls if "django_migrations" not in sql.text]
    return target


def replayed(loaded: DjangoSource, version: int = 18) -> Replay:
    """Replay all migrations."""
    replay = Replay(new_catalog(version), Engine())
    for each in loaded.migrations:
        replay.apply(each)
    return replay


def migrate(server: Server, database: str, *arguments: str) -> None:
    """Run the real Django on the fixture, in a process of its own."""
    with server.connect(database) as connection:
        info = connection.info
        environment = {
            **os.environ,
            "PGHOST": info.host,
            "PGUSER": info.user,
            "PGPORT": str(info.port),
            "PGDATABASE": database,
            "PYTHONDONTWRITEBYTECODE": "1",
        }
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", "migrate", "--verbosity=0", *arguments],
        cwd=SHOP, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
