"""Measures Easel against baselines of the same run: absolute numbers mean nothing on another machine."""
