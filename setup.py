"""
The packages of the distribution, found; pyproject.toml says all else.

Two trees make one distribution: `src/` holds schemaguard, `rules/` is the package schemaguard_rules.
pyproject.toml can map a folder to another name or find packages, not both, and a list kept by hand forgets
the next family of rules.
"""

from setuptools import find_packages, setup

RULES = "schemaguard_rules"

setup(packages=[*find_packages("src"), RULES, *(f"{RULES}.{family}" for family in find_packages("rules"))])
