"""How several processes share one database: which are alive, which does what, and how they notify each other."""
