"""The address of the tests' bucket. It is separate from the server, which takes a while to load."""

BUCKET = "easel-results"
REGION = "us-east-1"
