"""What a job looks like: its card, buttons, selects, modals and alt texts. Rendering only; it decides nothing."""
