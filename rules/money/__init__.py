"""
Money is counted in whole units of the smallest coin.
"""
