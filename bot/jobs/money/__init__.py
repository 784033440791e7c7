"""State changes of a job together with their ledger transfers, and the reconciliation of both."""
