"""The mapping file: which column holds which field of the contract, in references of lines or of JSON pointers."""
