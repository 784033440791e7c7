"""Private replies to commands that order nothing: lists, help, `/why`, balances, settings and grants."""
