"""OpenAPI 3.0 and 3.1: operations, the schemas they reach, and what each field promises."""
