"""Runs PL/pgSQL and SQL routines against the replayed catalog."""
