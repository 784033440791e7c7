"""The models as data, and how an order becomes requests and a price. No money moves here and nothing is sent."""
