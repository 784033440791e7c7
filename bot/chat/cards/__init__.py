"""Rendering of jobs: cards, buttons, selects, modals and alt texts. Nothing here makes decisions or calls Discord."""
