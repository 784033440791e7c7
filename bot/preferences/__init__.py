"""What members and guilds have chosen for themselves: defaults, presets, language, price threshold."""
