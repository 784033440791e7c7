"""Builds every part of the bot, starts it in order and stops it in reverse. Nothing else builds what it uses."""
