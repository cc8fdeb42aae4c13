"""
Rows of an append-only table are neither changed nor removed, by anybody.
"""
