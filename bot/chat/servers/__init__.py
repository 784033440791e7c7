"""Messages about a whole server for its admins and the operator: greeting, setup, doctor, settings, suspension."""
