"""What each `easel …` command does.

Parsing is in `arguments`; every other module is one command or a few that belong together.
"""
