"""The state of the sandbox's Discord, and the only code that changes it. It does not use HTTP or WebSockets."""
