"""Handling of results on Discord: follow-up actions, the More menu, and the buttons on a job's card."""
