"""One handler per statement kind of the grammar: what the statement does to the catalog."""
