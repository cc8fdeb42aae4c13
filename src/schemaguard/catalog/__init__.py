"""Statements in, a model of the PostgreSQL catalog out."""
