"""A Discord of our own: REST, gateway, files, rules and a page."""
