"""The JSON Schema of schemaguard.yaml, made from the policy's types: editors complete and check with it."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from schemaguard.config.policy import Policy, RuleSetting

_OFF = {"enum": ["off", False]}


def config_schema() -> str:
    """The text of config.schema.json."""
    (_, definitions) = msgspec.json.schema_components([Policy], ref_template="#/$defs/{name}")
    setting = definitions.pop(RuleSetting.__name__)
    definitions = {name: _widened(definition, definitions) for name, definition in definitions.items()}
    definitions[RuleSetting.__name__] = _rule_setting(setting)
    policy = definitions.pop(Policy.__name__)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "schemaguard.yaml",
        **{key: value for key, value in policy.items() if key != "title"},
        "$defs": dict(sorted(definitions.items())),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _rule_setting(setting: dict[str, Any]) -> dict[str, Any]:
    """A severity alone, or a mapping of it and the rule's options (whose types the rule knows)."""
    severity = setting["properties"]["severity"]
    words = next(each for each in severity["anyOf"] if "enum" in each)
    words = {"enum": [*words["enum"], True, False]}
    return {
        "title": setting["title"],
        "description": setting["description"],
        "anyOf": [
            words,
            {"type": "null"},
            {"type": "object", "properties": {"severity": {**words, "description": severity["description"]}}},
        ],
    }


def _widened(schema: Any, definitions: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """A schema that also takes the shorter ways of writing of `schemaguard.config.decode`."""
    if isinstance(schema, list):
        return [_widened(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {
        key: value if key in ("default", "required") else _widened(value, definitions)
        for key, value in schema.items()
    }
    if {"type": "null"} in schema.get("anyOf", ()):
        kinds = [each for each in schema["anyOf"] if each != {"type": "null"}]
        return {**inner, "anyOf": [*kinds, {"type": "null"}, _OFF]}
    others = {key: schema[key] for key in ("description", "default") if key in schema}
    bare = {key: value for key, value in inner.items() if key not in others}
    if schema.get("type") == "array" and _is_text(schema["items"]):
        return {**others, "anyOf": [bare["items"], bare]}
    if _has_defaults(schema.get("additionalProperties"), definitions):
        return {**others, "anyOf": [bare, {"type": "array", "items": {"type": "string"}}]}
    if _has_defaults(schema, definitions):
        return {**others, "anyOf": [bare, {"type": "null"}]}
    return inner


def _is_text(schema: dict[str, Any]) -> bool:
    return schema.get("type") == "string" or "enum" in schema


def _has_defaults(schema: Any, definitions: dict[str, Any]) -> bool:  # noqa: ANN401 - JSON
    """Whether this refers to a mapping of which every setting may be left out."""
    if not isinstance(schema, dict) or "$ref" not in schema:
        return False
    target = schema["$ref"].rpartition("/")[2]
    return target != RuleSetting.__name__ and not definitions[target].get("required")
