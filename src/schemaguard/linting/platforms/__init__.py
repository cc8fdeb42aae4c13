"""Hosting platforms: what stands in their databases before the first migration, in the words of `external`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from schemaguard.config import Policy
    from schemaguard.config.policy import External
    from schemaguard.sources.load import Sources

BY_LAYOUT = {"supabase": "supabase", "diesel": "diesel"}
"""The platform that a layout of migrations is made for."""
ANCHORS = {"supabase": "supabase/config.toml", "diesel": "diesel.toml"}
"""The file that stands for what a platform brings, where a finding's evidence is something that no migration wrote."""


class Platform(NamedTuple):
    """`external`: what is there. `application`: the roles that requests are served with. `words`: what was assumed."""

    external: External
    application: tuple[str, ...]
    words: str


def with_platform(policy: Policy, loaded: Sources) -> tuple[Policy, str | None]:
    """The policy with what the project's platform brings, and a sentence that says so; what the config says wins.

    The platform is the config's (``external: {platform: supabase}``, or `none`), else that of the layout in which
    the migrations are written.
    """
    name = _platform(policy, loaded)
    if name is None:
        return policy, None
    platform: Platform = import_module(f"schemaguard.linting.platforms.{name}").PLATFORM
    merged = _merged(platform.external, policy.external)
    roles = policy.roles
    if platform.application and not roles.application and not roles.readonly:
        roles = msgspec.structs.replace(roles, application=platform.application)
    completed = msgspec.structs.replace(policy, external=merged, roles=roles)
    completed.__dict__.update(policy.__dict__)  # the places of the settings
    return completed, None if policy.external.platform else platform.words


def anchors(loaded: Sources, policy: Policy) -> Sequence[str]:
    """Files that can stand for what the platform brings, the best first."""
    name = _platform(policy, loaded)
    first = [loaded.migrations[0].file.path] if loaded.migrations else []
    return [*([ANCHORS[name]] if name else []), *first]


def _platform(policy: Policy, loaded: Sources) -> str | None:
    if policy.external.platform:
        return None if policy.external.platform == "none" else policy.external.platform
    return next((BY_LAYOUT[source.kind] for source in loaded.sources if source.kind in BY_LAYOUT), None)


def _merged(brought: External, said: External) -> External:
    """Both; of the same name what the config says."""
    return msgspec.structs.replace(
        said,
        roles={**brought.roles, **said.roles},
        schemas=(*brought.schemas, *(name for name in said.schemas if name not in brought.schemas)),
        extensions=(*said.extensions, *brought.extensions),
        tables={**brought.tables, **said.tables},
        functions={**brought.functions, **said.functions},
        types=(*brought.types, *said.types),
        search_path=said.search_path or brought.search_path,
        sql=(*said.sql, *brought.sql),
    )
