"""Describes the models as data, and translates an order into requests and a price.

Pure: nothing here moves money or sends anything.
"""
