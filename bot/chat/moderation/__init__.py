"""Replies to moderators: rules, cases, the list of reports, orders awaiting approval, and the log of changes.

The actions of moderators are in `bot/moderation`, and the rules in `bot/policy`. Their buttons under a result are in
`bot/chat/results`.
"""
