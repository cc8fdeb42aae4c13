"""`python -m schemaguard`."""

from schemaguard.cli import main

main()
