"""Facts about an object that stays, and are other ones now, in words."""

from __future__ import annotations

from typing import Any

from schemaguard.catalog.changes.change import brief, listed, shortened
from schemaguard.catalog.changes.objects import PARTS, noun, part_name, part_noun
from schemaguard.catalog.changes.places import ROLE_ATTRIBUTES

Sentence = tuple[str, str]
"""A kind of change without its object (``not-null-dropped``), and its words."""

_FLAGS: dict[str, tuple[Sentence, Sentence]] = {
    "rls_enabled": (
        ("row-security-enabled", "enables row security on {}"),
        ("row-security-disabled", "disables row security on {}"),
    ),
    "rls_forced": (
        ("row-security-forced", "forces row security on the owner of {}, too"),
        ("row-security-not-forced", "no longer forces row security on the owner of {}"),
    ),
    "not_null": (
        ("not-null-set", "makes {} NOT NULL"),
        ("not-null-dropped", "drops NOT NULL of {}"),
    ),
    "validated": (
        ("constraint-validated", "validates {}"),
        ("constraint-not-validated", "leaves {} not validated"),
    ),
    "security_definer": (
        ("security-definer-set", "makes {} run with its owner's rights (SECURITY DEFINER)"),
        ("security-definer-dropped", "makes {} run with its caller's rights (SECURITY INVOKER)"),
    ),
    "permissive": (
        ("policy-permissive", "makes {} permissive"),
        ("policy-restrictive", "makes {} restrictive"),
    ),
}
"""What is said of a flag that is set, and of one that is not set any more; the braces stand for the object."""

_NAMED = {
    "default": ("default", "the default"),
    "generated": ("generation", "the generation expression"),
    "identity": ("identity", "the identity"),
    "comment": ("comment", "the comment"),
    "using": ("policy-using", "the USING"),
    "check": ("policy-check", "the WITH CHECK"),
    "definition": ("definition", "the definition"),
    "partition_bound": ("partition-bound", "the partition bound"),
}
"""Texts that may be there or not: kind, and what they are called."""

_FOLLOWS = frozenset(("inherited", "effective_privileges", "owner_privileges", "depends_on", "memberships"))
"""Facts that only say again what another one says."""


def attribute_words(
    kind: str,
    path: tuple[str, ...],
    fact: dict[str, Any],
    old: Any,  # noqa: ANN401 - any fact
    new: Any,  # noqa: ANN401 - any fact
) -> Sentence | None:
    """What a changed fact comes to; None where another change says it.

    `path` leads to it from the object (the last key is the fact's), `fact` is the object that has it.
    """
    key = path[-1]
    if _FOLLOWS.intersection(path[2:]):
        return None
    if len(path) > 4 and path[2] in PARTS:
        name = part_name(path)
        what = f"{part_noun(path[2], fact)} {name}"
        part = PARTS[path[2]]
    else:
        part = what_kind = noun(kind, fact)
        name = shortened(path[1])
        what = f"{what_kind} {name}"
    return _sentence(key, part, name if part == "column" else what, old, new)


def _sentence(key: str, part: str, what: str, old: Any, new: Any) -> Sentence:  # noqa: ANN401 - any fact
    slug = part.replace(" ", "-")
    if key in _FLAGS and isinstance(new, bool):
        suffix, words = _FLAGS[key][0 if new else 1]
        return suffix, words.format(what)
    if slug == "role" and key in ROLE_ATTRIBUTES:
        verb, word = ("gives", "to") if new else ("takes", "from")
        return f"role-attribute-{'given' if new else 'taken'}", f"{verb} {key.upper()} {word} {what}"
    match key:
        case "owner":
            return f"{slug}-owner-changed", f"makes {new} the owner of {what} (was {old})"
        case "type":
            words = f"changes the type of {what} from {shortened(old)} to {shortened(new)}"
            return f"{slug}-type-changed", words
        case "enabled":
            return f"{slug}-{_ENABLED[new][0]}", _ENABLED[new][1].format(what)
        case "order":
            return "column-order-changed", f"orders the columns of {what} anew: {', '.join(new)}"
    if key in _NAMED:
        return _text(slug, *_NAMED[key], what, old, new)
    if isinstance(old, list) and isinstance(new, list):
        return _members(slug, key, what, old, new)
    called = key.replace("_", " ")
    return f"{slug}-{key.replace('_', '-')}-changed", (
        f"changes {called} of {what} from {_value(old)} to {_value(new)}"
    )


_ENABLED = {
    "origin": ("enabled", "enables {}"),
    "disabled": ("disabled", "disables {}"),
    "replica": ("enabled", "enables {} for replicas only"),
    "always": ("enabled", "enables {} always"),
}


def _text(slug: str, kind: str, called: str, what: str, old: Any, new: Any) -> Sentence:  # noqa: ANN401 - texts
    prefix = kind if kind.startswith(slug) else f"{slug}-{kind}"
    if new is None:
        return f"{prefix}-dropped", f"drops {called} of {what}"
    if kind == "definition":
        return f"{prefix}-changed", f"changes {called} of {what}"
    shown = brief(shortened(str(new)))
    if old is None:
        return f"{prefix}-set", f"sets {called} of {what} to {shown}"
    return f"{prefix}-changed", f"changes {called} of {what} from {brief(shortened(str(old)))} to {shown}"


def _members(slug: str, key: str, what: str, old: list[str], new: list[str]) -> Sentence:
    """A list of names: what joins it and what leaves it."""
    joins = [shortened(str(each)) for each in new if each not in old]
    leaves = [shortened(str(each)) for each in old if each not in new]
    kind, adds, drops = _LISTS.get(
        key, (key.replace("_", "-"), "adds {0} to the {2} of {1}", "takes {0} from the {2} of {1}")
    )
    called = key.replace("_", " ")
    parts = []
    if joins:
        parts.append(adds.format(listed(joins), what, called))
    if leaves:
        parts.append(drops.format(listed(leaves), what, called))
    return f"{slug}-{kind}-changed", " and ".join(
        parts
    ) or f"orders the {called} of {what} anew: {', '.join(new)}"


_LISTS = {
    "member_of": ("membership", "makes {1} a member of {0}", "takes {1} out of {0}"),
    "admin_of": ("admin", "lets {1} give {0} to others", "no longer lets {1} give {0} to others"),
    "labels": ("labels", "adds {0} to {1}", "takes {0} from {1}"),
    "parents": ("parents", "attaches {1} to {0}", "detaches {1} from {0}"),
    "tables": ("tables", "adds {0} to {1}", "takes {0} out of {1}"),
    "schemas": ("schemas", "adds all tables of {0} to {1}", "takes all tables of {0} out of {1}"),
    "roles": ("roles", "applies {1} to {0}", "no longer applies {1} to {0}"),
}
"""Of lists: the kind, what is said of what joins and of what leaves; {0}: those, {1}: the object, {2}: the list."""


def _value(value: Any) -> str:  # noqa: ANN401 - any fact
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"({', '.join(map(str, value))})"
    return brief(shortened(str(value))) if value is not None else "none"
