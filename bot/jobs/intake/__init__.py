"""Turns an order into an accepted job: permission, price, and orders that wait for their member to press Start."""
