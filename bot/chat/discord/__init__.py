"""The layer around discord.py: outgoing calls, reading interactions, responses, and command registration.

It also stores what Discord has reported, such as joins, and the digests of registered commands.
"""
