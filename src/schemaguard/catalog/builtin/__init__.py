"""What PostgreSQL and well-known extensions bring: types, functions, operators, casts, system relations.

The data was read from servers by `tools/builtin_catalog.py`. Each kind has a module of its own that loads
its file when first asked, so a run that only needs type names pays for nothing else.

In all of it a type is one number: its oid, or for an array of it the negative oid. That is
`catalog.analysis`'s way to tell types apart, too; see `type_number` and `type_ref` there.
"""
