"""
What is wrong with a config is told all at once, each at its place, with the nearest right name.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from schemaguard.config import ConfigError
from tests.config.test_policy import policy, valid

# What the types alone, and so the JSON Schema, can't know.
BEYOND_THE_SCHEMA = re.compile(
    r"must say one of|is for `sql`|no privilege|given on columns|twice|be empty|YAML|tag|not a number|a key|alias|<<"
    r"|day of the calendar"
)


def cases() -> list[tuple[str, list[str]]]:
    """The blocks of errors.txt."""
    blocks = Path(__file__).with_name("errors.txt").read_text(encoding="utf-8").split("\n\n")[1:]
    split = [re.split(r"^=> ", block.rstrip("\n"), flags=re.MULTILINE) for block in blocks]
    return [(text, [line.strip() for line in expected]) for text, *expected in split]


def told(text: str, path: str = "schemaguard.yaml") -> list[str]:
    with pytest.raises(ConfigError) as caught:
        policy(text, path)
    return [f"{each.line}:{each.column} {each.message}" for each in caught.value.errors]


@pytest.mark.parametrize(("text", "expected"), [pytest.param(*case, id=case[0].strip()) for case in cases()])
def test_each_error(text: str, expected: list[str]) -> None:
    """Its place, one sentence, the way out; and what the types forbid, an editor marks as well."""
    assert told(text) == expected
    if not any(BEYOND_THE_SCHEMA.search(each) for each in expected):
        assert not valid(text)


def test_characters_that_yaml_forbids() -> None:
    """A control character, and a tab for indentation."""
    assert told("version: 1\nspecs: \x01") == ["2:8 this is not YAML: control characters are not allowed"]
    assert told("\tspecs: b") == [
        "1:1 this is not YAML: found character that cannot start any token, while scanning for the next token"
    ]


def test_hostile_yaml() -> None:
    """Depth and multiplying aliases end in an error, not in a crash or a long wait."""
    deep = "specs: " + "[" * 5000 + "]" * 5000
    laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9)
    )

    assert told(deep) == ["1:1 this is nested too deeply for a config"]
    assert told(laughs)[0].endswith("more than 50000 values: aliases multiply them")


def test_toml() -> None:
    """Wrong TOML, no table, depth."""
    assert told("[tool.schemaguard]\nspecs = [", "pyproject.toml") == ["2:1 this is not TOML: Invalid value"]
    assert told("[tool.schemaguard]\nspecs = x y\n", "pyproject.toml")[0].startswith("2:9 this is not TOML: ")
    assert told("[tool.other]\n", "pyproject.toml") == ["1:1 there is no table [tool.schemaguard]"]
    assert told(f"[tool.schemaguard]\nspecs = {'[' * 5000}{']' * 5000}", "pyproject.toml") == [
        "1:1 this is nested too deeply for a config"
    ]
