"""What goes wrong in a way that a person can put right."""

from __future__ import annotations


class LabError(Exception):
    """Something that a person has to put right; the text says what."""
