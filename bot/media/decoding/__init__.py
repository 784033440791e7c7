"""Everything that decodes untrusted bytes with Pillow, PyAV or resvg. Only a worker process imports it."""
