"""What can be done with a result: follow-up actions, the More menu, and the buttons of a job."""
