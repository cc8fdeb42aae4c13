"""The views of `information_schema`."""
