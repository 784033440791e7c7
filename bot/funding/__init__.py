"""How credits reach servers and members: who pays, allowances, gifts, grants, purchases, budgets, new servers.

The modules named `*_rows` also make the transfers and enforce the caps on gifts and grants, because each transfer
shares a transaction with its row.
"""
