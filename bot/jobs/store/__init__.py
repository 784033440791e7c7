"""The SQL for the jobs' tables, and the code that reads jobs back as records.

Elsewhere, only these modules contain SQL for these tables: erasure and export (`bot/privacy`), the checks of the ledger
against jobs (`bot/jobs/money/ledger_checks.py`), and modules with single queries that join them with another package's
tables.
"""
