"""
Servers to compare with, one of each version for each worker: roles belong to a whole server, so none can be shared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from schemaguard.postgres.server import embedded
from tests.catalog.privileges.support import Judge

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSIONS = (16, 18)
"""16 has no MAINTAIN; before 16 memberships are another story, which no embedded server tells."""


@pytest.fixture(scope="session", params=VERSIONS, ids=lambda version: f"postgres{version}")
def judge(request: pytest.FixtureRequest) -> Iterator[Judge]:
    """A server and the replay, side by side."""
    with embedded(request.param) as server, server.database() as name, server.connect(name) as connection:
        yield Judge(connection, server.version, name)
