"""What people see in Discord: cards, progress, buttons, delivery, texts."""
