"""Where the bucket of the tests is, apart from its server, which takes a while to load."""

BUCKET = "easel-results"
REGION = "us-east-1"
