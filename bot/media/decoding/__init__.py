"""Everything that decodes foreign bytes with Pillow, PyAV or resvg. Only a worker process imports it."""
