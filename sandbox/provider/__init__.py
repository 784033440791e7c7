"""A provider of our own: predictions, drawn media, faults."""
