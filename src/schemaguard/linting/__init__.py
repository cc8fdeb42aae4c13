"""Rules: what they are made of, where they are found, how they are run, and what silences a finding."""
