"""Queries over the system catalogs, answered from the replayed catalog."""
