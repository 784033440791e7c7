"""How credits reach those who spend them without an admin each time: who pays, allowances, gifts, budgets."""
