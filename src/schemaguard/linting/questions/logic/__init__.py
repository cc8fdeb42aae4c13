"""Conditions solved: in which worlds a policy's predicate is true for a row of another tenant."""
