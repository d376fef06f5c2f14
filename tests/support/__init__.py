"""What the tests and the build stand on: a browser, a database server, the catalogues, import contracts."""
