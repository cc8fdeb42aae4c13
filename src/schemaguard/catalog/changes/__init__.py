"""What becomes of a schema between two states of it, in words: "adds table orders", "gives app_rw INSERT on orders".

`describe` is the one door: commands that compare two revisions and the gate that judges a pull request say the same.
"""

from __future__ import annotations

from schemaguard.catalog.changes.change import Change, change_object
from schemaguard.catalog.changes.comparison import describe

__all__ = ["Change", "change_object", "describe"]
