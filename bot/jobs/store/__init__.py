"""The SQL of the jobs' tables, and jobs read back as records.

Elsewhere, only these modules contain SQL on these tables: erasure and export (`bot/privacy`), the checks of the ledger
against jobs (`bot/jobs/money/ledger_checks.py`), and modules with single queries that join them with another package's
tables.
"""
