"""Easel, a Discord bot that makes media with hosted models, paid for in credits.

Modules directly in this package are used by several of its packages, and import none of them.
"""
