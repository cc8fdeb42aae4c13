"""Where a rule's page is on the web."""

from __future__ import annotations

from functools import cache


def rule_url(rule: str, family: str) -> str | None:  # noqa: ARG001 - plugins may once have pages of their own
    """The address of a built-in rule's page, None where the package names no documentation site."""
    base = _documentation()
    return f"{base.rstrip('/')}/rules/{rule}" if base else None


@cache
def _documentation() -> str | None:
    """`Documentation` among the project URLs of the installed package."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        urls = metadata("schemaguard").get_all("Project-URL") or []
    except PackageNotFoundError:
        return None
    for entry in urls:
        label, _, url = str(entry).partition(", ")
        if label.lower() == "documentation":
            return url
    return None
