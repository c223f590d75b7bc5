"""Playbooks of the collection, run as a user runs them."""

from __future__ import annotations

from site_runs import site


def play(name, *options, packages="current"):
    """Run a playbook on the Jitsi machine alone; return its exit code and what it said, in one line."""
    return site("--limit=jitsi-lab-jitsi", *options, playbook=f"selfhosted.jitsi.{name}", generation=packages)
