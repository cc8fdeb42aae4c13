"""Parse analysis: libpg_query's raw trees to the nodes of `analysis.tree` and `analysis.query_tree`.

One module per file of the server's parser, named for what it does: `coercion` is `parse_coerce.c`, `overloads` the
resolution of `parse_func.c` and `parse_oper.c`, `operators` and `functions` what builds the nodes, `expressions`
`parse_expr.c`, `columns` and `scope` `parse_relation.c`, `targets` `parse_target.c`, and so on.
"""
