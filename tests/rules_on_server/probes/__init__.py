"""
What a server does, held against what the rules say: one probe a rule, over all that its fixture makes.
"""
