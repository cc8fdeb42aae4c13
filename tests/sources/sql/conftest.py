"""
The server that psql sends its queries to.
"""

from __future__ import annotations

from tests.postgres.support import server

__all__ = ["server"]
