"""Local stand-ins for Discord and the model provider, for the tests and for trying Easel without an account."""
