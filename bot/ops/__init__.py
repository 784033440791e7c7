"""What an operator looks at: logs, health, metrics, and links to kept files."""
