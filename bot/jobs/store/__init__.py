"""The SQL of the jobs' tables, and jobs read back as records.

Elsewhere, only these have SQL on them: erasure and export (`bot/privacy`), the checks of the ledger against jobs
(`bot/jobs/money/ledger_checks.py`), and single queries that join these tables with another package's.
"""
