package standin.bridge;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import standin.shared.Log;

/** Finds out which mappings are advertised, and says so in the log in the real bridge's words. */
final class MappingHarvesters {
    private static final String WHERE = "MappingCandidateHarvesters.";
    private final List<Harvester> harvesters = new ArrayList<>();
    private final Generation generation;
    private boolean stunDiscoveryFailed;

    MappingHarvesters(Generation generation) {
        this.generation = generation;
    }

    /** Asks servers, which takes its time; who wants to know the result meanwhile waits for it. */
    synchronized void initialize(HarvestConfiguration configuration) {
        long start = System.currentTimeMillis();
        List<Harvester> found = new ArrayList<>();
        for (StaticMapping mapping : configuration.staticMappings()) {
            if (generation == Generation.CURRENT) {
                Log.info(WHERE + "initialize", "Adding a static mapping: " + mapping);
            }
            found.add(mapping.harvester());
        }
        if (configuration.awsEnabled() && (configuration.awsForced() || Aws.answers())) {
            Log.info(WHERE + "initialize", "Using AwsCandidateHarvester.");
        }
        List<String> servers = configuration.stunServers();
        if (!servers.isEmpty()) {
            List<Harvester> discovered = StunDiscovery.discover(servers);
            stunDiscoveryFailed = discovered.isEmpty();
            found.addAll(discovered);
        }
        found.forEach(this::maybeAdd);
        harvesters.forEach(harvester -> Log.info(WHERE + "initialize", "Using " + generation.shown(harvester)));
        Log.info(WHERE + "initialize", "Initialized mapping harvesters (delay=" + (System.currentTimeMillis() - start)
            + "ms).  stunDiscoveryFailed=" + stunDiscoveryFailed);
    }

    private void maybeAdd(Harvester harvester) {
        if (harvester.isOfNoUse()) {
            Log.info(WHERE + "maybeAdd", "Discarding a mapping harvester: " + harvester);
            return;
        }
        for (Harvester kept : harvesters) {
            if (kept.hasAddressesOf(harvester)) {
                Log.info(WHERE + "maybeAdd", "Discarding a mapping harvester with duplicate addresses: " + harvester + ". Kept: " + kept);
                return;
            }
        }
        harvesters.add(harvester);
    }

    synchronized List<InetAddress> masks() {
        return harvesters.stream().map(harvester -> harvester.mask().getAddress()).toList();
    }

    synchronized boolean stunDiscoveryFailed() {
        return stunDiscoveryFailed;
    }
}
