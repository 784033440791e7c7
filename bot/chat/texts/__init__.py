"""Every sentence that people read, one Fluent file a language. English is complete; others fall back to it."""
