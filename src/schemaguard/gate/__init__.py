"""The gate: a change is judged by what it adds to the state that it starts from."""
