"""Supervised worker processes for decoding: the pool in the bot's process, and the program that each worker runs."""
