"""The actions of moderators on members and results, their records, and the operator's actions on whole guilds.

Cases are numbered; reports wait for a moderator. Nothing here depends on Discord.
"""
