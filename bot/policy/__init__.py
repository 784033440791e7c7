"""Who may run what, where, for how much."""
