"""The operator's view of the bot: logs, health, metrics, checks, backups, and the control of a running process.

Also the routes of its HTTP server: stored files and the provider's webhooks.
"""
