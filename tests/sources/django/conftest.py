"""
The server that these tests compare with.
"""

from __future__ import annotations

from tests.postgres.support import server

__all__ = ["server"]
