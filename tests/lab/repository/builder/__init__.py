"""Builds the lab's stand-in of Jitsi's package repository; see ../README.md."""
