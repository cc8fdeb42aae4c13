"""Who may do what: access control lists, role membership, and the proofs that lead from one to the other."""
