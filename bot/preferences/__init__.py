"""The choices of members and guilds: default options, presets, language, price threshold."""
