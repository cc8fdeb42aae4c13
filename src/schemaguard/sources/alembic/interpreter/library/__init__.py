"""What the interpreter provides in place of Python's built-ins, its standard library, Alembic and SQLAlchemy.

A module of functions has a table `FUNCTIONS` from dotted names to implementations; `outside` joins the tables.
"""
