"""Every sentence that people read, one Fluent file per language, and how to say it in theirs."""
