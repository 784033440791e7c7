"""The 53 models as data; from an order to the exact requests and the exact price."""
