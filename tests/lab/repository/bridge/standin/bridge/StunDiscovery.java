package standin.bridge;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import standin.shared.Log;

/** Asks each STUN server from each of the machine's IPv4 addresses, all at once, which address it sees. */
final class StunDiscovery {
    private static final String WHERE = "MappingCandidateHarvesters.createStunHarvesters";

    private StunDiscovery() {
    }

    /** The harvesters of the servers that answered. */
    static List<Harvester> discover(List<String> servers) {
        List<StunQuestion> questions = new ArrayList<>();
        for (String server : servers) {
            InetSocketAddress address = parsed(server);
            if (address != null) {
                Addresses.local().stream().filter(Inet4Address.class::isInstance).forEach(local -> questions.add(question(local, address)));
            }
        }
        if (questions.isEmpty()) {
            Log.warn(WHERE, "STUN mapping harvesters are configured, but no allowed local addresses were found. Not using STUN.");
        }
        return questions.isEmpty() ? List.of() : askAll(questions);
    }

    private static List<Harvester> askAll(List<StunQuestion> questions) {
        ExecutorService executor = Executors.newFixedThreadPool(questions.size());
        try {
            List<CompletableFuture<Harvester>> answers = questions.stream()
                .map(question -> CompletableFuture.supplyAsync(question::ask, executor)).toList();
            return answers.stream().map(CompletableFuture::join).filter(Objects::nonNull).toList();
        } finally {
            executor.shutdown();
        }
    }

    private static StunQuestion question(InetAddress local, InetSocketAddress server) {
        InetSocketAddress from = new InetSocketAddress(local, 0);
        Log.info(WHERE, "Using " + Addresses.shown(server) + " for StunMappingCandidateHarvester (localAddress="
            + Addresses.shown(from) + ").");
        return new StunQuestion(from, server);
    }

    /** The name is looked up here; the address is unresolved where that fails. */
    private static InetSocketAddress parsed(String server) {
        String[] parts = server.split(":");
        if (parts.length < 2) {
            Log.severe(WHERE, "Failed to parse STUN server address: " + server);
            return null;
        }
        try {
            return new InetSocketAddress(parts[0], Integer.parseInt(parts[1]));
        } catch (IllegalArgumentException e) {
            Log.severe(WHERE, "Invalid STUN server port: " + parts[1]);
            return null;
        }
    }
}
