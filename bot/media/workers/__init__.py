"""Runs supervised worker processes for decoding: the pool in the bot's process, and each worker's program."""
