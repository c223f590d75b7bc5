package standin.bridge;

import com.typesafe.config.Config;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The ice4j settings, old names and new ones, with the precedence of ice4j. */
final class HarvestConfiguration {
    private static final String LEGACY = "org.ice4j.ice.harvest.";
    private static final String MAPPING = "ice4j.harvest.mapping.";
    private final Config config;

    HarvestConfiguration(Config config) {
        this.config = config;
    }

    /** The union of both worlds; the old pair counts only if both halves are set. */
    Set<StaticMapping> staticMappings() {
        Set<StaticMapping> result = new LinkedHashSet<>();
        Optional<String> local = legacy("NAT_HARVESTER_LOCAL_ADDRESS");
        Optional<String> mask = legacy("NAT_HARVESTER_PUBLIC_ADDRESS");
        if (local.isPresent() && mask.isPresent()) {
            result.add(new StaticMapping(local.get(), mask.get(), null, null, null));
        }
        for (Config entry : config.getConfigList(MAPPING + "static-mappings")) {
            result.add(StaticMapping.from(entry));
        }
        return result;
    }

    /** The old list wins; it is split at commas and not trimmed. */
    List<String> stunServers() {
        return legacy("STUN_MAPPING_HARVESTER_ADDRESSES")
            .map(value -> List.of(value.split(",")))
            .orElseGet(() -> new ArrayList<>(config.getStringList(MAPPING + "stun.addresses")));
    }

    boolean awsEnabled() {
        return legacy("DISABLE_AWS_HARVESTER")
            .map(value -> !Boolean.parseBoolean(value))
            .orElseGet(() -> config.getBoolean(MAPPING + "aws.enabled"));
    }

    boolean awsForced() {
        return config.getBoolean(MAPPING + "aws.force");
    }

    int udpSockets() {
        return config.getInt("ice4j.harvest.udp.socket-pool-size");
    }

    private Optional<String> legacy(String name) {
        return config.hasPath(LEGACY + name) ? Optional.of(config.getString(LEGACY + name)) : Optional.empty();
    }
}
