"""Answers of the commands that ask the replayed catalog: written for people and as JSON, one file a question."""
