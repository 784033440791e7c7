"""The steps from a command or a button to an accepted order: choices, defaults, prices and the price question."""
