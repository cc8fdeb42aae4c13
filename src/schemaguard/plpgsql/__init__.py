"""PL/pgSQL run against the replayed catalog, catalog queries answered from it, trigger functions analysed by path."""
