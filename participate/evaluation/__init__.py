"""Evaluation: criteria, the joint evaluation, lessons for the next cycle.

Glossary: joint evaluation (تقييم مشترك), criterion (معيار), lesson (درس).
"""
