"""All that knows HTTP: routes, sockets, visitors, admission."""
