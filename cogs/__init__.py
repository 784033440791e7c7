"""The slash commands, one file per family: parse, one call, render."""
