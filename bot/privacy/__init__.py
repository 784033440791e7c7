"""What Easel knows about a member or a server: how it is exported, erased and forgotten."""
