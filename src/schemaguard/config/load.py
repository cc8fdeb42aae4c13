"""Finding and reading the config."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, TypeVar

import msgspec

from schemaguard.config.decode import decode, name, nearest
from schemaguard.config.document import Entries, read_yaml
from schemaguard.config.errors import ConfigError, ConfigErrors
from schemaguard.config.places import Places
from schemaguard.config.policy import PRIVILEGES, Policy
from schemaguard.config.toml import read_pyproject
from schemaguard.text import SourceFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from schemaguard.config.document import Node
    from schemaguard.config.places import SettingPath

CONFIG_NAMES = ("schemaguard.yaml", "schemaguard.yml")
PYPROJECT = "pyproject.toml"

T = TypeVar("T", bound=msgspec.Struct)


def find_config(start: Path) -> Path | None:
    """The config that holds for `start`: the nearest upwards, not beyond the repository; None: there is none.

    Raises:
        ConfigError: a folder has two.
    """
    for folder in (start, *start.parents):
        found = [folder / each for each in CONFIG_NAMES if (folder / each).is_file()]
        if (folder / PYPROJECT).is_file() and _has_table(folder / PYPROJECT):
            found.append(folder / PYPROJECT)
        if len(found) > 1:
            names = " and ".join(path.name for path in found)
            raise ConfigError(f"{folder} has two configs, {names}: keep one", found[0].name, 1, 1)
        if found:
            return found[0]
        if (folder / ".git").exists():
            break
    return None


def _has_table(path: Path) -> bool:
    """Whether a pyproject.toml speaks of us; one that is not TOML is reported when it is read."""
    try:
        return (
            re.search(rb"(?m)^[ \t]*\[+[ \t]*tool[ \t]*\.[ \t]*[\"']?schemaguard\b", path.read_bytes())
            is not None
        )
    except OSError:
        return False


def read_config(path: Path, shown_as: str | None = None) -> Policy:
    """The policy of a config file; `shown_as` is the path that errors and evidence name (default: its name).

    Raises:
        ConfigError: it can't be read, or (`ConfigErrors`) all that is wrong with it.
    """
    shown = path.name if shown_as is None else shown_as
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError("this is not UTF-8 text", shown, line, 1) from None
    return parse_config(SourceFile(shown, text))


def parse_config(file: SourceFile) -> Policy:
    """The policy that a config's text says; its path tells whether it is YAML or a pyproject.toml.

    Raises:
        ConfigErrors: all that is wrong with it.
    """
    node: Node | None
    if file.path.endswith(".toml"):
        node = read_pyproject(file)
        if node is None:
            raise ConfigError("there is no table [tool.schemaguard]", file.path, 1, 1)
    else:
        node = read_yaml(file)
    policy, spans = decode(node, Policy)
    places = Places(file, spans)
    errors = [ConfigError.at(places.where(path), message) for path, message in _contradictions(policy)]
    if errors:
        raise ConfigErrors(errors)
    policy.__dict__.update(places_=places, node_=node)
    return policy


def rule_options(policy: Policy, rule: str, into: type[T]) -> T:
    """The options that the config gives a rule, as the rule's own type; its defaults where it gives none.

    Raises:
        ConfigErrors: options that the type does not have, or of the wrong type, each with its line.
    """
    node = policy.__dict__.get("node_")
    rules = node.entries.get("rules") if isinstance(node, Entries) else None
    settings = rules[0].entries.get(rule) if rules and isinstance(rules[0], Entries) else None
    if settings is None or not isinstance(settings[0], Entries):
        return into()
    options = {key: entry for key, entry in settings[0].entries.items() if key != "severity"}
    return decode(Entries(options, settings[0].span), into, ("rules", rule))[0]


def _contradictions(policy: Policy) -> Iterator[tuple[SettingPath, str]]:
    """What the types can't say."""
    for index, source in enumerate(policy.sources):
        path = ("sources", index)
        kinds = [kind for kind in ("sql", "alembic", "django") if getattr(source, kind)]
        if len(kinds) != 1:
            yield (
                path,
                f"{name(path)} must say one of `sql`, `alembic` and `django`, not {len(kinds) or 'none'}",
            )
        elif kinds != ["sql"] and source.layout:
            yield (*path, "layout"), f"`layout` is for `sql`, not for `{kinds[0]}`"
    for index, exemption in enumerate(policy.exempt):
        if exemption.until is not None and not _is_date(exemption.until):
            yield ("exempt", index, "until"), f"{name(('exempt', index, 'until'))} is no day of the calendar"
    for pattern, row in policy.privileges.items():
        for role, privileges in row.items():
            for index, privilege in enumerate(privileges):
                word = re.sub(r"\s*\([^()]+\)$", "", privilege)
                if word not in PRIVILEGES:
                    choice = nearest(word, PRIVILEGES)
                    yield (
                        ("privileges", pattern, role, index),
                        f"`{word}` is no privilege on a table; {choice}".rstrip("; "),
                    )
                elif word != privilege and word not in ("select", "insert", "update", "references"):
                    yield ("privileges", pattern, role, index), f"`{word}` cannot be given on columns"


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
