"""
What could not be read, parsed, resolved or checked is said, never passed over.
"""
