"""Folders of SQL in the layouts people use; each layout is one module that recognises and loads it."""
