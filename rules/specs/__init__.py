"""
The DDL specs say what the migrations do.
"""
