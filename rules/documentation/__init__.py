"""
Tables and columns say what they are for.
"""
