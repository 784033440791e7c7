"""The operator's view of the bot: logs, health, metrics, backups, and the control of a running process.

It also has the routes of the bot's HTTP server: stored files and the provider's webhooks.
"""
