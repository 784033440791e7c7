"""Copies members' files into our store and links them for the provider."""
