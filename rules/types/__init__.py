"""
A column's type can hold what its name promises.
"""
