"""
Codes come from one list that has an owner: a table, not a CHECK.
"""
