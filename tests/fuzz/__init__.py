"""Fuzzing of the media tools: damaged files must be refused, and must never harm the bot's process."""
