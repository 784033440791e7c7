"""Benchmarks that compare Easel to baselines of the same run, because absolute numbers depend on the machine."""
