"""The supervised loops that bring accepted jobs to an end: submit, poll, collect, deliver and the rest."""
