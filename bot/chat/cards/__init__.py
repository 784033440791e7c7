"""Rendering of jobs: cards, buttons, selects, modals and alt texts. Nothing here decides or calls Discord."""
