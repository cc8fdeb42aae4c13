"""Expressions: libpg_query's nodes compiled to Python functions of the row at hand.

sqlglot with SQLite behind it was tried for this: it knows no unknown values, has to be given every relation's rows
before it can answer (which makes a history with a guard in each migration quadratic), and misreads some of
PostgreSQL's SQL (`conkey[1]`, `generate_series(1, 3) AS g(i)`, `current_schema()`). Here the server's own parse tree
is evaluated, rows are found by name or oid where the query allows it, and what is not known stays so with its reason.
"""
