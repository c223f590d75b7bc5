"""The lab: five podman containers that stand where a user's machines would."""
