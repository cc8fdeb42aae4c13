"""The catalog as plain facts: the JSON that `schema` prints, that `verify` compares with a server, and that differs."""
