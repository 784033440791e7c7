"""Delivery of progress, results and notifications to Discord: the delivery ladder and the packing of files."""
