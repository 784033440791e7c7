"""Private replies to errors, and to commands that order nothing: help, `/why`, preferences, presets and privacy.

Also the background loop behind `/privacy`.
"""
