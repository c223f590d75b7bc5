"""Which versions of the packages a generation holds."""

from __future__ import annotations

GENERATIONS = ("2020", "websockets", "current", "later")

# Jitsi's own repository keeps many releases in one index; here it is these.
SEVERAL = ("websockets", "current", "later")

# Other releases of today's packages differ in their version, an earlier one in what its bridge's script makes of that.
TREES = {
    "2020": ("common", "2020"),
    "websockets": ("common", "current"),
    "current": ("common", "current"),
    "later": ("common", "current"),
}

_BUNDLES = {
    "2020": {
        "meet": "1.0.4335-1",
        "web": "1.0.3928-1",
        "jicofo": "1.0-539-1",
        "videobridge": "2.1-157-g389b69ff-1",
    },
    # The last release that switches the bridge's WebSockets on.
    "websockets": {
        "meet": "2.0.10978-1",
        "web": "1.0.9300-1",
        "jicofo": "1.0-1180-1",
        "videobridge": "2.3-290-g89abcdef-1",
    },
    "current": {
        "meet": "2.0.11146-1",
        "web": "1.0.9400-1",
        "jicofo": "1.0-1190-1",
        "videobridge": "2.3-300-g0123abcd-1",
    },
    "later": {
        "meet": "2.0.11200-1",
        "web": "1.0.9450-1",
        "jicofo": "1.0-1195-1",
        "videobridge": "2.3-310-g4567cdef-1",
    },
}

# One date a generation, so that the same sources give the same packages.
BUILD_DATES = {"2020": 1585958400, "websockets": 1777593600, "current": 1785369600, "later": 1787961600}

_BUNDLE_OF_PACKAGE = {
    "jitsi-meet": "meet",
    "jitsi-meet-web": "web",
    "jitsi-meet-web-config": "web",
    "jitsi-meet-prosody": "web",
    "jitsi-meet-tokens": "web",
    "jitsi-meet-turnserver": "web",
    "jicofo": "jicofo",
    "jitsi-videobridge2": "videobridge",
}

# That of 2020 wants luarocks, and fetches from the Internet what verifies signatures.
_LEFT_OUT = {"2020": {"jitsi-meet-tokens"}}


def package_names(generation: str) -> list[str]:
    """The packages that a generation has."""
    return [package for package in _BUNDLE_OF_PACKAGE if package not in _LEFT_OUT.get(generation, ())]


def placeholders(generation: str, package: str) -> dict[str, str]:
    """What `@NAME@` means in the files of one package: its generation, its own version, and those of the bundles."""
    bundles = _BUNDLES[generation]
    own = bundles[_BUNDLE_OF_PACKAGE[package]]
    others = {f"@{bundle.upper()}_VERSION@": version for bundle, version in bundles.items()}
    return {"@GENERATION@": TREES[generation][-1], "@VERSION@": own, **others}
