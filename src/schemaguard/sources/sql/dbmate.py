"""dbmate: one file with `-- migrate:up` and `-- migrate:down`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from schemaguard.sources.sql.sectioned import Annotations, load_sectioned

if TYPE_CHECKING:
    from schemaguard.sources.sql.migration import SqlMigration
    from schemaguard.sources.sql.selection import Selection

NAME = "dbmate"

_FLAGS = re.MULTILINE
LINES = Annotations(
    NAME,
    up=re.compile(r"^--[ \t]*migrate:up\b.*$", _FLAGS),
    down=re.compile(r"^--[ \t]*migrate:down\b.*$", _FLAGS),
    no_transaction=re.compile(r"^--[ \t]*migrate:up\b.*\btransaction:false\b", _FLAGS),
)


def detect(selection: Selection) -> bool:
    """Its annotation in some file."""
    return selection.any_matches(LINES.up.pattern)


def load(selection: Selection) -> list[SqlMigration]:
    """One migration a file."""
    return load_sectioned(selection, LINES)
