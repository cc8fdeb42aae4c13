"""Analysed trees printed as the server prints them (`ruleutils.c`), with the search path `public`."""
