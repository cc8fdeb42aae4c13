"""Django's migrations: the graph read from files, the operations built by the interpreter of `sources.alembic`.

Nothing of the project is imported. What an operation sends is said by Django itself (`pip install
'schemaguard[django]'`): its PostgreSQL schema editor, over field objects that the interpreter builds, without a server.
"""

from schemaguard.sources.django.loading import DjangoSource, is_installed, load

__all__ = ["DjangoSource", "is_installed", "load"]
