"""The models as data, and the translation of an order into requests and a price.

Pure: nothing here moves money or sends anything.
"""
