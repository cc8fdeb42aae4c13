"""
The built-in rules: one family a folder, one rule a file, each importing schemaguard.api and nothing else.
"""
