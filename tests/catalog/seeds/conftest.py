"""
The server that these tests compare with.
"""

from __future__ import annotations

from tests.postgres.support import connection, server

__all__ = ["connection", "server"]
