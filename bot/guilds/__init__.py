"""What each guild has decided for itself: its settings, and the entries of its log channel. No rules, no money."""
