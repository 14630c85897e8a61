"""python -m genlab: everything the app does, without a browser."""

from genlab.cli import main

raise SystemExit(main())
