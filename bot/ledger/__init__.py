"""Credits: accounts, transfers, holds. Append-only, exact, and never below zero."""
