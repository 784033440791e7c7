"""The operator's view of the bot: logs, health, metrics and checks, and the routes that serve stored files."""
