"""What members and guilds prefer, and the presets that they saved."""
