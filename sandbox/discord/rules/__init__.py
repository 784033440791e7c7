"""Discord's rules as pure functions: what is legal, what is refused, and with which code. Never kinder than Discord."""
