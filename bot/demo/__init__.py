"""A scripted evening in the sandbox, told as a transcript: what people type, what they see, what it costs."""

from bot.demo.evening import SPEED, play

__all__ = ["SPEED", "play"]
