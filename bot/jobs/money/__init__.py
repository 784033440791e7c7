"""State changes of a job, together with what must change in the same transaction: transfers, files kept, approvals.

Also the checks that jobs and the ledger agree.
"""
