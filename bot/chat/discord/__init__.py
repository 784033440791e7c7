"""The layer around discord.py: outgoing calls, reading interactions, responses, and command registration."""
