"""Reads the data files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

DATA = Path(__file__).parent / "data"


def load(name: str) -> Any:  # noqa: ANN401 - lists and maps as tools/builtin_catalog.py describes them
    """The contents of one data file."""
    return orjson.loads((DATA / f"{name}.json").read_bytes())


def extension_names() -> frozenset[str]:
    """The extensions whose contents are known."""
    return frozenset(path.stem for path in (DATA / "extensions").iterdir())
