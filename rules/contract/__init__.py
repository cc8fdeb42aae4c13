"""
What the API promises is what the schema holds.
"""
