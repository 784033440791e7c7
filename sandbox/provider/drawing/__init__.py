"""Drawn media: scenes made from a prompt and a seed, as pictures, films, sounds and vector graphics."""
