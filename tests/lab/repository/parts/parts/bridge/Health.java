package parts.bridge;

import com.typesafe.config.Config;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.ice4j.ice.harvest.MappingCandidateHarvesters;
import org.jitsi.health.HealthChecker;
import org.jitsi.health.Result;

/** What makes the bridge unhealthy, in the real one's order and words; the checker is jicoco's. */
record Health(Config config, List<AnsweringHarvester> harvesters) {
    private static final Duration UNTIL_FAILURES_STICK = Duration.ofMinutes(5);

    HealthChecker checker() {
        return new HealthChecker(config.getDuration("interval"), config.getDuration("timeout"), config.getDuration("max-check-duration"),
            config.getBoolean("sticky-failures"), UNTIL_FAILURES_STICK, this::check, Clock.systemUTC());
    }

    private Result check() {
        if (config.getBoolean("require-valid-address") && addresses().noneMatch(Health::isPublic)) {
            return bad("No valid IP addresses available for harvesting.");
        }
        if (config.getBoolean("require-stun") && MappingCandidateHarvesters.stunDiscoveryFailed) {
            return bad("Address discovery through STUN failed");
        }
        return harvesters.isEmpty() ? bad("Failed to bind single-port") : new Result();
    }

    private static Result bad(String complaint) {
        return new Result(false, true, null, false, complaint);
    }

    private Stream<InetAddress> addresses() {
        Stream<InetAddress> masks = Stream.of(MappingCandidateHarvesters.getHarvesters())
            .filter(mapping -> mapping.getMask() != null).map(mapping -> mapping.getMask().getAddress());
        return Stream.concat(harvesters.stream().map(harvester -> harvester.getLocalAddress().getAddress()), masks);
    }

    private static boolean isPublic(InetAddress address) {
        return !address.isSiteLocalAddress() && !address.isLinkLocalAddress() && !address.isLoopbackAddress();
    }
}
