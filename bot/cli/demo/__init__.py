"""`easel demo`: a scripted evening in the sandbox, recorded as a transcript."""
