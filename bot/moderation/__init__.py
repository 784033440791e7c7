"""What moderators do about members and results, the record of it, and what the operator does about whole guilds.

Cases are numbered; reports wait for a moderator. No Discord in here.
"""
