"""The Java programs of the packages, each with the libraries that it runs with."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Mapping

from builder import java, maven

_BRIDGE, _JICOFO = "usr/share/jitsi-videobridge", "usr/share/jicofo"
#: Megabytes of memory, for the lab's machines share what there is.
_STANDIN_HEAP, _PARTS_HEAP = "64m", "128m"


@dataclass(frozen=True)
class Program:
    """What a program adds to its package.

    :param files: path in the package: file.
    :param placeholders: what `@NAME@` means in the package's files.
    """

    files: Mapping[str, Path]
    placeholders: Mapping[str, str] = field(default_factory=dict)


class Programs:
    """Jicofo and the bridges, compiled.

    :param sources: the folder of the Java sources.
    :param folder: where the results go.
    :ivar lacking: why the bridge of Jitsi's own parts is not among them, in a line; empty if it is.
    """

    def __init__(self, sources: Path, folder: Path) -> None:
        self._sources, self._folder = sources, folder
        self._jicofo = self._standin("jicofo", f"{_JICOFO}/jicofo.jar", f"{_JICOFO}/lib/config.jar", {})
        self._standin_bridge = self._standin(
            "bridge",
            f"{_BRIDGE}/jitsi-videobridge.jar",
            f"{_BRIDGE}/lib/config.jar",
            {"@BRIDGE_CLASS@": "standin.bridge.Main", "@BRIDGE_HEAP@": _STANDIN_HEAP},
        )
        self._bridge, self.lacking = self._bridge_of_parts()

    def of(self, generation: str, package: str) -> Program | None:
        """The program in a package; nobody has the parts of a bridge of 2020."""
        if package == "jicofo":
            return self._jicofo
        if package == "jitsi-videobridge2":
            return self._standin_bridge if generation == "2020" else self._bridge
        return None

    def _standin(self, name: str, place: str, library: str, placeholders: Mapping[str, str]) -> Program:
        jar = self._folder / f"{name}.jar"
        java.build_jar(
            (self._sources / "shared", self._sources / "websockets", self._sources / name), (java.HOCON_PARSER,), jar
        )
        return Program({place: jar, library: java.HOCON_PARSER}, placeholders)

    def _bridge_of_parts(self) -> tuple[Program, str]:
        """The bridge of Jitsi's own parts; where these cannot be had, the stand-in and the reason."""
        libraries, jar = self._folder / "libraries", self._folder / "parts.jar"
        try:
            maven.fetch(self._sources / "parts" / "pom.xml", libraries)
        except maven.MavenError as error:
            return self._standin_bridge, str(error)
        found = sorted(libraries.glob("*.jar"))
        java.build_jar((self._sources / "websockets", self._sources / "parts"), tuple(found), jar)
        files = {f"{_BRIDGE}/lib/{path.name}": path for path in found}
        files[f"{_BRIDGE}/jitsi-videobridge.jar"] = jar
        return Program(files, {"@BRIDGE_CLASS@": "parts.bridge.Main", "@BRIDGE_HEAP@": _PARTS_HEAP}), ""
