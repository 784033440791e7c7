"""The `easel` command line.

`arguments` parses it; each other module implements one command or a few related ones.
"""
