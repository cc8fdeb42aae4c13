"""The relations of `pg_catalog` and `information_schema`, as functions of the replayed catalog's records."""
