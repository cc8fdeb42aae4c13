"""goose: one file with `-- +goose Up` and `-- +goose Down`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from schemaguard.sources.sql.sectioned import Annotations, load_sectioned

if TYPE_CHECKING:
    from schemaguard.sources.sql.migration import SqlMigration
    from schemaguard.sources.sql.selection import Selection

NAME = "goose"

_FLAGS = re.IGNORECASE | re.MULTILINE
LINES = Annotations(
    NAME,
    up=re.compile(r"^--[ \t]*\+goose[ \t]+up\b.*$", _FLAGS),
    down=re.compile(r"^--[ \t]*\+goose[ \t]+down\b.*$", _FLAGS),
    no_transaction=re.compile(r"^--[ \t]*\+goose[ \t]+no[ \t]+transaction\b", _FLAGS),
    braces=re.compile(r"^--[ \t]*\+goose[ \t]+envsub[ \t]+on\b", _FLAGS),
)


def detect(selection: Selection) -> bool:
    """Its annotation in some file."""
    return selection.any_matches(LINES.up.pattern)


def load(selection: Selection) -> list[SqlMigration]:
    """One migration a file; those in Go are not read, and told of."""
    numbered = re.compile(r"(?:^|/)\d+_[^/]*\.go$")
    selection.reader.not_sql([path for path in selection.paths if numbered.search(path)], NAME)
    return load_sectioned(selection, LINES)
