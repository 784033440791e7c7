"""Discord's rules as pure functions: they reject requests with Discord's codes, and are never more lenient."""
