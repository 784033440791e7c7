"""A local model provider: predictions, generated media, rate limits and errors."""
