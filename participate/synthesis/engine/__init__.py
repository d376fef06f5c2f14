"""The mathematics of the synthesis: pure functions on plain arrays, run in a process of their own.

`python -m participate.synthesis.engine` reads one JSON document and writes one. Nothing here knows Flask
or the database, and nothing of the serving process imports scipy or scikit-learn: see
docs/decisions/023-groups-are-shown-only-behind-a-gate.md and docs/synthesis.md.
"""
