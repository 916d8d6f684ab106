"""The only code that knows SQL for score definitions, score requests, scores and their history.

Every function takes the caller's session first and never commits.
"""
