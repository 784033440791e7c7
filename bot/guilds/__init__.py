"""The decisions of each guild about itself: its settings, and the entries of its log channel. No rules, no money."""
