"""Handling of results on Discord: follow-up actions, the More menu, the buttons on a job's card, and reports."""
