"""Scripts in, statements out; the only package that knows libpg_query (with `plpgsql`)."""
