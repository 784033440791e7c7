"""The `easel` command: `python -m bot` is the same."""

import signal


def main() -> None:
    """Run the command line.

    Loading it takes most of a second; Ctrl-C meanwhile ends the process as it ends any other program, without a trace
    of where it was. What opens something takes the signals over from here.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from bot.cli import arguments  # noqa: PLC0415 - see above

    arguments.main()


if __name__ == "__main__":
    main()
