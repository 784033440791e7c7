"""Copies members' files into our store, links them for the provider, and recognizes pictures that were taken down."""
