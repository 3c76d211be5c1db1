"""`python -m monitor.cli`: the command line without an installed script."""

from monitor.cli import main

main()
