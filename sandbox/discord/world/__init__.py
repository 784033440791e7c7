"""What exists in the sandbox's Discord, and the only code that changes it. Nothing here knows HTTP or WebSockets."""
