package standin.bridge;

import java.util.ArrayList;
import java.util.List;

/** Decides which mappings are advertised and says so in the log, in the real bridge's words. Sends nothing. */
final class MappingHarvesters {
    private static final String WHERE = "MappingCandidateHarvesters.initialize";
    private final List<StaticMapping> mappings = new ArrayList<>();
    private boolean stunConfigured;

    MappingHarvesters(HarvestConfiguration configuration) {
        long start = System.currentTimeMillis();
        for (StaticMapping mapping : configuration.staticMappings()) {
            Log.info(WHERE, "Adding a static mapping: " + mapping);
            maybeAdd(mapping);
        }
        if (configuration.awsEnabled()) {
            Log.info(WHERE, "Using AWS harvester: 169.254.169.254 (stand-in: would ask it, sends nothing)");
        }
        nameStunServers(configuration.stunServers());
        for (StaticMapping mapping : mappings) {
            Log.info(WHERE, "Using org.ice4j.ice.harvest.StaticMappingCandidateHarvester(face=" + mapping.face()
                + ", mask=" + mapping.mask() + ")");
        }
        Log.info(WHERE, "Initialized mapping harvesters (delay=" + (System.currentTimeMillis() - start)
            + "ms).  stunDiscoveryFailed=" + stunDiscoveryFailed());
    }

    private void maybeAdd(StaticMapping mapping) {
        if (!Addresses.isLiteral(mapping.localAddress()) || !Addresses.isLiteral(mapping.publicAddress())) {
            Log.warn(WHERE, "Discarding a mapping harvester whose addresses are not literal: " + mapping
                + " (stand-in: resolves no names)");
        } else if (mapping.face().equals(mapping.mask())) {
            Log.info(WHERE, "Discarding a mapping harvester: " + mapping);
        } else if (mappings.stream().anyMatch(mapping::sameAddresses)) {
            Log.info(WHERE, "Discarding a mapping harvester with duplicate addresses: " + mapping);
        } else {
            mappings.add(mapping);
        }
    }

    private void nameStunServers(List<String> servers) {
        stunConfigured = !servers.isEmpty();
        if (!stunConfigured) {
            Log.info(WHERE, "No STUN discovery is configured");
        }
        for (String server : servers) {
            if (isHostAndPort(server)) {
                Log.info(WHERE, "Using STUN mapping harvester: " + server + " (stand-in: would ask it, sends nothing)");
            } else {
                Log.severe(WHERE, "Failed to parse STUN server address: " + server);
            }
        }
    }

    private static boolean isHostAndPort(String server) {
        String[] parts = server.split(":");
        return parts.length == 2 && parts[1].matches("[0-9]{1,5}");
    }

    List<StaticMapping> mappings() {
        return mappings;
    }

    /** As on a machine that cannot reach the server: nobody was asked, so nothing was discovered. */
    boolean stunDiscoveryFailed() {
        return stunConfigured;
    }
}
