"""Running Easel: health, metrics, logging, checks, backup."""
