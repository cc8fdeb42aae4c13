"""A real PostgreSQL, embedded or given: apply a history to it, read its catalog, compare the two."""
