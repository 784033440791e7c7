"""Draws scenes from a prompt and a seed, as pictures, videos, music and vector graphics."""
