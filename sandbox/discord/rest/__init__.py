"""Discord's REST interface: one module per group of routes, and the middleware that all of them share."""
