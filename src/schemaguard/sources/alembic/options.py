"""What the config may say about an Alembic source beyond where it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


class AlembicOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Facts that only running the project would tell.

    `section`: the ini file's section (`alembic --name`). `environment`: environment variables. `arguments`: the `-x`
    arguments of the deployment's command (None: not declared, so unknown). `values`: what dotted names come to
    (``app.settings.SCHEMA``: a string, number, list or mapping). `types`: what a column type's class comes to in SQL.
    `operations`: custom operations as templates of SQL, ``CREATE VIEW {0.name} AS {0.sqltext}``. `naming_convention`:
    as `MetaData(naming_convention=…)` has it. `server_version`: the major version that dialect checks see.
    """

    section: str = "alembic"
    environment: Mapping[str, str] = msgspec.field(default_factory=dict)
    arguments: Mapping[str, str] | None = None
    values: Mapping[str, Any] = msgspec.field(default_factory=dict)
    types: Mapping[str, str] = msgspec.field(default_factory=dict)
    operations: Mapping[str, str] = msgspec.field(default_factory=dict)
    naming_convention: Mapping[str, str] | None = None
    default_schema: str = "public"
    server_version: int = 16
