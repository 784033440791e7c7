"""The texts that people read: one Fluent file per language, and the code that picks, fills in and escapes them."""
