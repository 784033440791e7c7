"""Credits on Discord: balances, grants, gifts, allowances, purchases and statements, and the messages about them.

Decisions about credits are in `bot/funding` and `bot/ledger`.
"""
