"""DDL specifications: SQL files that say what tables ought to be, compared with what the history makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemaguard.config.errors import ConfigError, ConfigErrors
from schemaguard.sources.load import matching
from schemaguard.sources.sql.migration import Runs, SqlMigration
from schemaguard.sources.sql.ordering import by_number, stem
from schemaguard.sources.sql.reader import Reader

if TYPE_CHECKING:
    from schemaguard.config.policy import Policy
    from schemaguard.sources.problems import Problem
    from schemaguard.sources.tree import FileTree


def load_specs(
    tree: FileTree, policy: Policy, *, lenient: bool = False
) -> tuple[list[SqlMigration], list[Problem]]:
    """One script a file, in the order of the patterns and the names; also what is wrong with the files.

    `lenient`: a pattern may match nothing, as at the base of a change.

    Raises:
        ConfigErrors: a pattern that matches no file, each at its line.
    """
    reader = Reader(tree)
    paths: dict[str, None] = {}
    errors = []
    for index, pattern in enumerate(policy.specs):
        found = [path for path in matching(tree, pattern) if path.endswith(".sql")]
        if not found and not lenient:
            errors.append(ConfigError.at(policy.where("specs", index), f"`{pattern}` matches no file"))
        paths.update(dict.fromkeys(sorted(found, key=by_number)))
    if errors:
        raise ConfigErrors(errors)
    runs = Runs(transactional=False, shares_session=False, knows_down=False)
    scripts = [
        SqlMigration(stem(file.path), file, reader.program(file), None, runs) for file in reader.texts(paths)
    ]
    for script in scripts:
        script.origin = "specs"
    return scripts, reader.problems
