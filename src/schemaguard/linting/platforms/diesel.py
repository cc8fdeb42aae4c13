"""Diesel keeps its own table of the migrations that ran, and migrations may look at it."""

from schemaguard.config.policy import External, ExternalTable
from schemaguard.linting.platforms import Platform

PLATFORM = Platform(
    External(
        tables={
            "public.__diesel_schema_migrations": ExternalTable(
                {
                    "version": "varchar(50) PRIMARY KEY",
                    "run_on": "timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP",
                }
            )
        }
    ),
    application=(),
    words="the table `__diesel_schema_migrations` is taken to be there: Diesel makes it",
)
