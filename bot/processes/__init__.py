"""How several processes share one database: who lives, which of them does what, and what they tell each other."""
