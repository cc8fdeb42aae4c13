"""
Roles can do what the target matrix says they can, and no more.
"""
