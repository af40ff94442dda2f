"""``python -m varimix``: the command line."""

from varimix.command_line import main

if __name__ == "__main__":
    main()
