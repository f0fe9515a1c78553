"""`python -m migrate`."""

if __name__ == "__main__":
    # Inside, since worker processes import this module and need no command line.
    from migrate.cli import main

    main()
