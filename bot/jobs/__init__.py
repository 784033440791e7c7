"""A job's life, from an order to a delivered result. `jobs` is the door; nothing here imports discord."""
