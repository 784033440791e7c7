"""What the admins of a server and the operator see of a whole server: greeting, setup, doctor, settings, suspension."""
