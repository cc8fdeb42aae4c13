"""What a revision does, read from its syntax tree: nothing of the project is imported or run."""
