"""The connections to Discord's gateway: one for each shard, all of a process in one client."""
