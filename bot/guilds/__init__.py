"""The facts about each guild apart from rules and money: its settings, its log entries, and its setup's progress.

They include the name and size that Discord last reported.
"""
