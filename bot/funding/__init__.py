"""How credits reach servers and members: who pays, allowances, gifts, grants, purchases, budgets, new servers.

Files named `*_rows` contain the transfers too, since each is one transaction with its row.
"""
