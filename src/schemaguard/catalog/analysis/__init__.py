"""What expressions and queries mean: names resolved, types inferred, and printed as the server prints them.

* `types`: type names to `TypeRef` and back.
* `binding`: an expression's parse tree to what the catalog keeps of it.
* `query`: the columns and dependencies of a SELECT.
* `deparse`: text as `pg_get_expr` and `pg_get_viewdef` give it.

The packages below do the work: `transform` is PostgreSQL's parse analysis (raw tree in, `tree` out),
`ruleutils` the way back (tree in, text out). An analysed tree names everything by oid and attribute number,
so it follows renames.
"""
