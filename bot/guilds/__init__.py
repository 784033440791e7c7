"""What is known of each guild apart from rules and money: its settings, the entries of its log, how far its setup is.

Also its name and size when Discord last reported them.
"""
