"""The client of the hosted model API: calls, parsing, rate budgets and downloads.

It knows nothing about jobs or Discord.
"""
