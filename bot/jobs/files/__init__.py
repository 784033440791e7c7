"""Members' files: copied into our store, and linked so that the provider can fetch them."""
