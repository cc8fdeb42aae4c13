"""
Whatever is wrong with a contract or a mapping is a finding: no rule fails on it, and the table is written.
"""

from __future__ import annotations

from functools import cache
from random import Random

import pytest

from schemaguard.contracts.table import contract_table
from schemaguard.linting.project import Project
from schemaguard.linting.registry import registry
from schemaguard.linting.runner import run
from schemaguard.linting.selection import Choice, select
from tests.contracts.support import files_of, project_of, project_texts

CONTRACT = "api-contracts/openapi/v1/attribution.yaml"
MAPPING = "db/docs/contract_schema_mapping.yaml"
VALUES = ("[]", "{}", "5", "null", "true", "'x'", "[a]", "{a: b}", "*x", "{$ref: '#/components'}")


@cache
def project() -> Project:
    return project_of(project_texts("b03_hardened"))


def damaged(text: str, random: Random) -> str:
    """Some lines taken out, moved, indented otherwise, or given another value."""
    lines = text.splitlines()
    for _ in range(random.randint(1, 3)):
        at, other = random.randrange(len(lines)), random.randrange(len(lines))
        match random.randrange(4):
            case 0:
                del lines[at]
            case 1:
                lines[at] = f"{lines[at].partition(':')[0]}: {random.choice(VALUES)}"
            case 2:
                lines[at] = lines[at][2:]
            case _:
                lines[at], lines[other] = lines[other], lines[at]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("path", [CONTRACT, MAPPING])
@pytest.mark.parametrize("seed", range(15))
def test_damage_is_told(path: str, seed: int) -> None:
    texts = project_texts("b03_hardened")
    random = Random(f"{path}{seed}")  # noqa: S311 - the same damage in every run
    given = project()
    asked = Project(
        given.history,
        given.policy,
        files=files_of({**texts, path: damaged(texts[path], random)}),
    )
    findings = run(asked, select(registry(), asked, Choice(select=("contract",))).rules)

    assert asked.failures == []
    assert contract_table(asked, findings).totals.mapped <= 34
