"""Benchmarks that compare Easel to baselines from the same run, because absolute numbers depend on the machine."""
