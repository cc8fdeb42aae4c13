"""The files of one source, as a layout looks at them."""

from __future__ import annotations

import posixpath
import re
from functools import cached_property
from typing import TYPE_CHECKING

from schemaguard.sources.tree import join, parent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from schemaguard.sources.sql.reader import Reader

# How far an annotation that tells the layout may be from a file's beginning.
_HEAD = 20_000
_EXTENSIONS = (".sql", ".psql", ".pgsql")

OURS = frozenset(("postgres", "postgresql", "pg", "psql", "pgsql"))
FOREIGN = frozenset(
    [
        "mysql",
        "mariadb",
        "sqlite",
        "sqlite3",
        "cockroach",
        "cockroachdb",
        "crdb",
        "mssql",
        "sqlserver",
        "tsql",
        "oracle",
        "clickhouse",
        "ch",
        "yugabyte",
        "yugabytedb",
        "cassandra",
        "snowflake",
        "bigquery",
        "redshift",
        "duckdb",
        "spanner",
        "tidb",
        "db2",
        "h2",
        "hsqldb",
        "derby",
        "mongo",
        "mongodb",
    ]
)


class Selection:
    """The files that a source names, sorted, and their common folder.

    `ranks`: for each file the position of the pattern that named it, where there are several.
    """

    def __init__(self, reader: Reader, paths: Sequence[str], ranks: Mapping[str, int] | None = None) -> None:
        """Look at `paths` (of one source) through `reader`."""
        self.reader = reader
        self.tree = reader.tree
        self.paths = sorted(paths)
        self.ranks = ranks or {}
        self.folder = posixpath.commonpath([parent(path) for path in self.paths]) if self.paths else ""

    @cached_property
    def sql(self) -> list[str]:
        """The files of SQL that are not for another database; without any of that ending, all of them."""
        named = [path for path in self.paths if path.endswith(_EXTENSIONS)]
        return [path for path in named or self.paths if file_dialect(path) not in FOREIGN]

    def foreign(self) -> list[str]:
        """Files that say in their name that they are for another database."""
        return [path for path in self.paths if path.endswith(_EXTENSIONS) and file_dialect(path) in FOREIGN]

    def ending(self, *endings: str) -> list[str]:
        """The files whose names end so."""
        return [path for path in self.paths if path.endswith(endings)]

    def heads(self) -> Iterator[str]:
        """The beginning of each SQL file."""
        return (file.text[:_HEAD] for file in self.reader.texts(self.sql))

    def any_matches(self, pattern: str) -> bool:
        """Whether the beginning of some SQL file holds a line with this."""
        search = re.compile(pattern, re.IGNORECASE | re.MULTILINE).search
        return any(search(head) for head in self.heads())

    def upwards(self, name: str) -> str | None:
        """The nearest file of a name, from the common folder up to the project's root."""
        folder = self.folder
        while True:
            if self.tree.is_file(join(folder, name)):
                return join(folder, name)
            if not folder or folder.startswith(".."):
                return None
            folder = parent(folder)


def file_dialect(path: str) -> str:
    """The database that a file's name says it is for: `mysql` of `1_x.mysql.up.sql`; empty: none."""
    parts = posixpath.basename(path).lower().split(".")[1:-1]
    return next((part for part in parts if part in OURS or part in FOREIGN), "")
