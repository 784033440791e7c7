"""What moderators do about members and results, with its memory: numbered cases and reports. No Discord in here."""
