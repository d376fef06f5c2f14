"""Participate: openness action plans prepared with the people, from the first idea to the council's vote.

Importing this package imports nothing else: `participate.rules` must stay readable without Flask.
The application is made by `participate.app.create_app`.
"""
