"""The stand-ins for Discord and for the provider: a newcomer's first world, and the tests'."""
