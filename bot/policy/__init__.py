"""Which models may be used, by whom and where. It decides about orders; it does not price or run them."""
