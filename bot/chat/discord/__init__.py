"""The edge to discord.py: calls and what became of them, reading interactions, responses, command registration."""
