"""
Names of tables, columns, constraints and indexes follow one pattern.
"""
