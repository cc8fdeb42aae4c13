"""The PL/pgSQL language: a body's text in, a tree with exact positions out."""
