"""What the server does besides pages: routes, the visitor's cookie, and what is ready before the first visitor."""
