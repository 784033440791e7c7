"""What members and guilds have chosen: default options, presets, language, price threshold."""
