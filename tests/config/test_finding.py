"""
The config is found upwards from where one stands, and read from disk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemaguard.config import ConfigError, find_config, read_config

if TYPE_CHECKING:
    from pathlib import Path


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_yaml", ".yaml").replace("_toml", ".toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_the_nearest_upwards(tmp_path: Path) -> None:
    """A folder's own config first, then its parents', not beyond the repository."""
    write(
        tmp_path,
        schemaguard_yaml="",
        repo__pyproject_toml="[tool.schemaguard]\n",
        repo__db__pyproject_toml="",
    )
    (tmp_path / "repo" / "db" / "sql").mkdir(parents=True)

    assert find_config(tmp_path / "repo" / "db" / "sql") == tmp_path / "repo" / "pyproject.toml"
    (tmp_path / "repo" / "pyproject.toml").unlink()
    assert find_config(tmp_path / "repo" / "db") == tmp_path / "schemaguard.yaml"
    (tmp_path / "repo" / ".git").mkdir()
    assert find_config(tmp_path / "repo" / "db") is None


def test_two_in_one_folder(tmp_path: Path) -> None:
    """Which one holds is nothing to guess."""
    write(tmp_path, schemaguard_yaml="", pyproject_toml="[tool.schemaguard.rules]\n")

    with pytest.raises(ConfigError, match=r"two configs, schemaguard\.yaml and pyproject\.toml"):
        find_config(tmp_path)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """The path, and for bad bytes the line."""
    (tmp_path / "bad.yaml").write_bytes(b"version: 1\nspecs: \xff\n")

    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        read_config(tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match=r"sub/bad\.yaml:2:1: this is not UTF-8 text"):
        read_config(tmp_path / "bad.yaml", "sub/bad.yaml")


def test_a_byte_order_mark(tmp_path: Path) -> None:
    """Editors write one; it moves nothing."""
    (tmp_path / "x.yaml").write_bytes(b"\xef\xbb\xbfversion: 7\n")

    with pytest.raises(ConfigError, match=r"x\.yaml:1:10: `version` must be 1"):
        read_config(tmp_path / "x.yaml")
