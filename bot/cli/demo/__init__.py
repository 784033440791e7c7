"""`easel demo`: a scripted evening in the sandbox, told as a transcript."""
