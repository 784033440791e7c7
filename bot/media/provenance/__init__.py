"""Labels result files as AI-generated without changing a pixel or a sample."""
