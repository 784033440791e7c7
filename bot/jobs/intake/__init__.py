"""From an order to an accepted job: who may, what it costs, and orders that wait for their member to press Start."""
