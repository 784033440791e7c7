"""How long tests wait for an expected event: only a failing test waits this long, even on a busy machine."""

PATIENCE_S = 60
