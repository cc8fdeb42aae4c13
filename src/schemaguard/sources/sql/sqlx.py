"""sqlx: `20240102_users.sql`, or pairs of `.up.sql` and `.down.sql`, beside a Cargo.toml that names sqlx."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from schemaguard.sources.sql.migration import Runs, SqlMigration
from schemaguard.sources.sql.ordering import stem
from schemaguard.sources.sql.pairs import halves, load_pairs, tell_duplicates, version_of

if TYPE_CHECKING:
    from schemaguard.sources.sql.selection import Selection
    from schemaguard.text import SourceFile

NAME = "sqlx"
RUNS = Runs()

_SIMPLE = re.compile(r"(\d+)_[^.]*\.sql$")
_NO_TRANSACTION = re.compile(r"\s*-- no-transaction")


def detect(selection: Selection) -> bool:
    """Numbered files, and a Cargo.toml upwards that depends on sqlx or sea-orm's."""
    manifest = selection.upwards("Cargo.toml")
    file = selection.reader.file(manifest) if manifest else None
    named = any(_SIMPLE.match(posixpath.basename(path)) for path in selection.sql) or halves(selection)
    return bool(named and file and re.search(r"^\s*\[?[\w.-]*\bsqlx\b", file.text, re.MULTILINE))


def load(selection: Selection) -> list[SqlMigration]:
    """Pairs and single files, in the order of their numbers."""
    reader = selection.reader
    pairs = halves(selection)
    single = [path for path in selection.sql if _SIMPLE.match(posixpath.basename(path))]
    migrations = [
        SqlMigration(
            stem(file.path), file, reader.program(file), None, _runs(file)._replace(knows_down=False)
        )
        for file in reader.texts(single)
    ]
    for migration in load_pairs(reader, pairs, RUNS):
        migration.transactional = _runs(migration.file).transactional
        migrations.append(migration)
    migrations.sort(key=lambda each: (int(version_of(each.name)), each.name))
    if single and pairs:
        tell_duplicates(reader, migrations, [version_of(each.name) for each in migrations])
    return migrations


def _runs(file: SourceFile) -> Runs:
    return RUNS._replace(transactional=_NO_TRANSACTION.match(file.text) is None)
