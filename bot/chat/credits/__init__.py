"""Credits on Discord: balances, grants, gifts, allowances, purchases and statements, and the messages about them.

What is decided about credits is in `bot/funding` and `bot/ledger`.
"""
