"""
Every row belongs to one tenant, and says to which.
"""
