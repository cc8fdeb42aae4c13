"""node-pg-migrate's SQL migrations: one file with `-- Up Migration` and `-- Down Migration`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from schemaguard.sources.sql.sectioned import Annotations, load_sectioned

if TYPE_CHECKING:
    from schemaguard.sources.sql.migration import SqlMigration
    from schemaguard.sources.sql.selection import Selection

NAME = "node-pg-migrate"

_FLAGS = re.IGNORECASE | re.MULTILINE
LINES = Annotations(
    NAME,
    up=re.compile(r"^\s*--[\s-]*up\s+migration.*$", _FLAGS),
    down=re.compile(r"^\s*--[\s-]*down\s+migration.*$", _FLAGS),
    up_is_default=True,
)


def detect(selection: Selection) -> bool:
    """Its comment in some file."""
    return selection.any_matches(rf"{LINES.up.pattern}|{LINES.down.pattern}")


def load(selection: Selection) -> list[SqlMigration]:
    """One migration a file; those in JavaScript or TypeScript are not read, and told of."""
    numbered = re.compile(r"(?:^|/)\d+[_-][^/]*\.[cm]?[jt]s$")
    selection.reader.not_sql([path for path in selection.paths if numbered.search(path)], NAME)
    return load_sectioned(selection, LINES)
