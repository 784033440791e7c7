"""Entry point of the `easel` command, which is the same as `python -m bot`."""

import signal


def main() -> None:
    """Run the command line.

    Loading it takes most of a second. Until then Ctrl-C ends the process at once without a traceback; commands that
    open something install their own signal handlers.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from bot.cli import arguments  # noqa: PLC0415 - see above

    arguments.main()


if __name__ == "__main__":
    main()
