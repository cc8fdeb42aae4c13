"""
Every index has a query, and every hot query an index.
"""
