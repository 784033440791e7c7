"""Pages that list jobs, earlier prompts, favourites and models."""
