"""What the contract promises and the schema does not hold: one module for each kind of promise."""
