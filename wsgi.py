"""The WSGI entry point: `flask` and servers find the application here."""

from participate.app import create_app

app = create_app()
