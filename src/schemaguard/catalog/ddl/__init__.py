"""x."""
def ddl(catalog): return ""
