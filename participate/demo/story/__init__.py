"""Béni Mellal's cycle of 2022–2024, performed: every act by somebody with the right to it, on its day.

The agenda decides the order; nothing here writes a row that an action of a room could write. Who
takes which position is drawn with a fixed seed: the same demo each time, different for each project.
"""

from __future__ import annotations

from participate.demo.story.performance import Story
from participate.demo.story.steps import ANCHORS, Step

__all__ = ["ANCHORS", "Step", "Story"]
