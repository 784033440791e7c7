"""Private replies to other commands that order nothing: help, `/why`, preferences, presets, privacy; and to errors.

Also the background loop behind `/privacy`.
"""
