"""Rules about the texts of orders: a server's AutoMod rules and its own words. Other modules decide what follows."""
