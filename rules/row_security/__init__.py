"""
A tenant sees its own rows only, whichever query asks.
"""
