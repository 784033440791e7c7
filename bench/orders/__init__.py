"""Benchmarks of orders: the bot, the two sandboxes and the load each run in a separate process."""
