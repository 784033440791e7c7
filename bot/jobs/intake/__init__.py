"""Turns an order into an accepted job: permission, price, and orders waiting for their member to press Start."""
