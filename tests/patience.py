"""How long tests wait for what has to happen: only a failing test waits as long, even on a busy machine."""

PATIENCE_S = 60
