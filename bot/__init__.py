"""Easel, a Discord bot that makes media with hosted models, paid for in credits."""
