"""State changes of a job together with their ledger transfers, and the checks that both agree."""
