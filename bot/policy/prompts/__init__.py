"""Rules about the texts of orders: a server's AutoMod rules and its own words. Others decide what follows."""
