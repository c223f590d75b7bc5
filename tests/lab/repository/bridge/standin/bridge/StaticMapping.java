package standin.bridge;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.net.InetSocketAddress;

/** One local address and the public address that is advertised for it; the ports are null, or both given. */
record StaticMapping(String localAddress, String publicAddress, Integer localPort, Integer publicPort, String name) {
    private static final int ANY_PORT = 9;

    static StaticMapping from(Config entry) {
        if (entry.hasPath("local-port") != entry.hasPath("public-port")) {
            throw new ConfigException.Generic("Inconsistent value for local-port and public-port");
        }
        boolean ports = entry.hasPath("local-port");
        return new StaticMapping(
            entry.getString("local-address"),
            entry.getString("public-address"),
            ports ? entry.getInt("local-port") : null,
            ports ? entry.getInt("public-port") : null,
            entry.hasPath("name") ? entry.getString("name") : null);
    }

    /** Names are looked up here. */
    Harvester harvester() {
        return new Harvester(
            "StaticMappingCandidateHarvester",
            new InetSocketAddress(localAddress, localPort == null ? ANY_PORT : localPort),
            new InetSocketAddress(publicAddress, publicPort == null ? ANY_PORT : publicPort));
    }

    // The wording of the real bridge's log, where this is a Kotlin data class.
    @Override
    public String toString() {
        return "StaticMapping(localAddress=" + localAddress + ", publicAddress=" + publicAddress + ", localPort=" + localPort
            + ", publicPort=" + publicPort + ", name=" + name + ")";
    }
}
