"""How fast schemaguard is, and what it is measured against."""
