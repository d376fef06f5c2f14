"""The law of the house: what is allowed and what counts, in pure Python.

A jurist can read these modules. They know no clock, request, database, file or
framework, and import the standard library only; moments and texts come in as
arguments, answers go out as frozen dataclasses, enumerations or named
exceptions that hold facts. Words for people are chosen elsewhere.
"""
