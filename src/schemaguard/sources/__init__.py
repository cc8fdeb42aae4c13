"""Where DDL comes from: files in, migrations out."""
