"""The actions of moderators on members and results, their records, and the operator's actions on whole guilds.

Cases are numbered; reports wait for a moderator. The `*_rows` modules contain the SQL, which also enforces the rules
that no race may break: for example, a member can report a result only once. Nothing here depends on Discord.
"""
