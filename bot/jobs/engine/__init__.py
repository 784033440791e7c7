"""The supervised loops that see accepted jobs through to the end: submit, poll, collect, deliver and the rest."""
