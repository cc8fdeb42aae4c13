"""The API contract, the mapping between its fields and columns, and what both say of the replayed schema."""
