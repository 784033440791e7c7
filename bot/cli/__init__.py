"""The `easel` command line.

`arguments` parses it. The other modules implement one command or a few related ones, or what commands share: the
sandboxes of `easel run` and `easel demo` (`sandbox_*`), signals, the standard streams and garbage collection.
"""
