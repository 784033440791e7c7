"""Discord's gateway: WebSocket connections, resumable sessions, compression, and the events that bots receive."""
