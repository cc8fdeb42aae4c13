"""PostgreSQL's functions, as far as migrations use them to find out what is there and to build statements."""
