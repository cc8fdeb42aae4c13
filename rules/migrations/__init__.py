"""
A migration can be applied to a live database, once, and undone.
"""
