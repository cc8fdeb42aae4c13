"""
The config that the documentation shows is one, and every key of the file is on the page.
"""

from __future__ import annotations

import re

import msgspec

from schemaguard.config import Policy, parse_config
from schemaguard.text import SourceFile
from tests.source_tree import ROOT

PAGE = (ROOT / "docs" / "configuration.md").read_text()


def test_the_example_is_read() -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)

    read = parse_config(SourceFile("schemaguard.yaml", example))

    assert read.append_only["revenue_ledger"].corrections == "additive"
    assert read.external.extensions == ("pgcrypto",)
    assert read.rules["money-overflow-risk"].severity == "off"


def test_every_key_is_on_the_page() -> None:
    assert {field.name for field in msgspec.structs.fields(Policy)} <= set(
        re.findall(r"^\| `(\w+)`", PAGE, re.MULTILINE)
    )
