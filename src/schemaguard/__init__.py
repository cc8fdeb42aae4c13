"""
Replays a PostgreSQL migration history without a database, and checks the schema it leaves.
"""

__version__ = "0.1.0"
