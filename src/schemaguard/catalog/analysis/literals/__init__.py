"""Literals: what a type's input function makes of a text, written as its output function prints it."""
