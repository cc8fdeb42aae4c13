"""
References of lines become pointers to the same fields; nothing else of the file changes.
"""

from __future__ import annotations

import re

import pytest

from schemaguard.contracts.crosscheck import cross_check
from schemaguard.contracts.mapping.references import REFERENCE
from schemaguard.contracts.mapping.upgrade import Upgraded, upgraded
from tests.contracts.support import findings_of, project_of, project_texts

MAPPING = "db/docs/contract_schema_mapping.yaml"


def upgrade(texts: dict[str, str]) -> Upgraded:
    (found,) = upgraded(cross_check(project_of(texts)))
    return found


def pairs(texts: dict[str, str]) -> list[tuple[str, str, str]]:
    """Every mapped field with its column."""
    return [(each.field.address, each.table, each.name) for each in cross_check(project_of(texts)).mapped]


@pytest.mark.parametrize("name", ["b03_foundation", "b03_hardened"])
def test_the_projects_mapping(name: str) -> None:
    texts = project_texts(name)
    found = upgrade(texts)
    after = {**texts, MAPPING: found.text}

    assert found.left == ()
    assert found.changed == len(re.findall(r"\.yaml:\d", texts[MAPPING])) > 30
    assert re.findall(r"\.yaml:\d", found.text) == []
    assert pairs(after) == pairs(texts) != []
    assert [each.message for each in findings_of(after)] == [each.message for each in findings_of(texts)]
    assert upgrade(after)._replace(file=found.file) == found._replace(changed=0)


def test_nothing_but_references_changes() -> None:
    """What is left after taking out the references is the same, comments and layout among it."""
    texts = project_texts("b03_hardened")
    found = upgrade(texts)

    def rest(text: str) -> str:
        return REFERENCE.sub(lambda match: "@" + (match["arrow"] or ""), text)

    assert rest(found.text) == rest(texts[MAPPING])


CONTRACT = """\
openapi: 3.0.3
components:
  schemas:
    Order:
      properties:
        total: {type: number}
        "a, 'b' {c}": {type: string}
"""
TOTAL = "api.yaml#/components/schemas/Order/properties/total"
PROJECT = {
    "schemaguard.yaml": "contracts: {openapi: [api.yaml], mapping: [m.yaml]}\nsources: [{sql: '*.sql'}]\n",
    "0.sql": "CREATE TABLE o (total bigint, b text);",
    "api.yaml": CONTRACT,
}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("api.yaml:6-6 (total) → total", f"{TOTAL} → total"),
        ("'api.yaml:6 (total: number), x'", f"'{TOTAL}, x'"),
        ('["api.yaml:6 (total: number)", y]', f'["{TOTAL}", y]'),
        (">-\n          api.yaml:6-6\n          (total: number)", f">-\n          {TOTAL}"),
        ('"api.yaml:9-9 (total: number)"  # stale', '"api.yaml:9-9 (total: number)"  # stale'),
        ("Primary key", "Primary key"),
    ],
)  # fmt: skip
def test_each_way_of_writing(before: str, after: str) -> None:
    mapping = "# head\nentities:\n  o:\n    columns:\n      - name: total\n        contract_mapping: {}\n"
    found = upgrade({**PROJECT, "m.yaml": mapping.format(before)})

    assert found.text == mapping.format(after)
    assert len(found.left) == before.count("stale")


def test_a_name_with_characters_of_yaml() -> None:
    """The pointer is written so that neither YAML nor the next reader ends it early."""
    texts = {
        **PROJECT,
        "api.yaml": CONTRACT.replace("\"a, 'b' {c}\"", "a-b_c"),
        "m.yaml": "entities: {o: {columns: [{name: b, contract_mapping: 'api.yaml:7-7 (a-b_c: string)'}]}}\n",
    }
    odd = {
        **PROJECT,
        "m.yaml": texts["m.yaml"].replace(
            "api.yaml:7-7 (a-b_c: string)",
            "api.yaml#/components/schemas/Order/properties/a%2C%20%27b%27%20%7Bc%7D",
        ),
    }

    assert "properties/a-b_c'}" in upgrade(texts).text
    assert [(each.field.name, each.name) for each in cross_check(project_of(odd)).mapped] == [
        ("a, 'b' {c}", "b")
    ]
    assert [each.field.address for each in cross_check(project_of(odd)).mapped] == [
        "api.yaml#/components/schemas/Order/properties/a%2C%20%27b%27%20%7Bc%7D"
    ]


def test_schemas_and_examples_too() -> None:
    mapping = (
        "types: {openapi_number: {postgres: bigint, example_contract: 'api.yaml:6-6', example_field: total}}\n"
        "entities: {o: {contract_reference: 'api.yaml:4-7 (Order)'}}\n"
    )
    found = upgrade({**PROJECT, "m.yaml": mapping})

    assert found.changed == 2
    assert found.text == mapping.replace(
        "api.yaml:6-6", "api.yaml#/components/schemas/Order/properties/total"
    ).replace("api.yaml:4-7 (Order)", "api.yaml#/components/schemas/Order")
