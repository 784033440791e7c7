"""Benchmarks of orders: the bot, the two sandboxes and the load run in a process each."""
