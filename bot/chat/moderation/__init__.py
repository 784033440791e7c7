"""Replies to moderators: rules, cases, reports, orders that wait for approval, and the log of changes.

What moderators do is in `bot/moderation`, and what is allowed in `bot/policy`. What they press under a result is in
`bot/chat/results`.
"""
