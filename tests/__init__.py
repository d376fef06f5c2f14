"""Tests of the house, its rules and its rooms."""
