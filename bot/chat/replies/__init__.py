"""Private answers that are not orders: lists, help, `/why`, balances, settings and grants."""
