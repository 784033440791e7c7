"""Decides who may make what, where and for how much: rules, limits, prompts. It does not price or run orders."""
