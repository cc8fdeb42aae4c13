"""
Views and materialized views show no more than their tables would.
"""
