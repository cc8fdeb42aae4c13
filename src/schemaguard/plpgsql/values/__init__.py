"""Values as expressions compute them: Python's own where they fit, and a few classes of PostgreSQL's."""
