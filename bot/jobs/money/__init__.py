"""State changes of a job together with their ledger transfers, and the audit that compares the two."""
