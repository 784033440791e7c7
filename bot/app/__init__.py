"""Constructs the bot: builds every part, starts them in order and stops them in reverse order.

No other package constructs its own collaborators.
"""
