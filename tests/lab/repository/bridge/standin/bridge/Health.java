package standin.bridge;

import java.util.Optional;

/** What makes the bridge unhealthy, in the order and the words of the real one. */
final class Health {
    private final boolean portBound;
    private final boolean requireStun;
    private final boolean requireValidAddress;
    private final MappingHarvesters harvesters;

    Health(boolean portBound, boolean requireStun, boolean requireValidAddress, MappingHarvesters harvesters) {
        this.portBound = portBound;
        this.requireStun = requireStun;
        this.requireValidAddress = requireValidAddress;
        this.harvesters = harvesters;
    }

    Optional<String> complaint() {
        if (requireStun && harvesters.stunDiscoveryFailed()) {
            return Optional.of("Address discovery through STUN failed");
        }
        if (!portBound) {
            return Optional.of("Failed to bind single-port");
        }
        if (requireValidAddress && !hasValidAddress()) {
            return Optional.of("No valid IP addresses available for harvesting.");
        }
        return Optional.empty();
    }

    private boolean hasValidAddress() {
        return Addresses.local().stream().anyMatch(Addresses::isPublic)
            || harvesters.mappings().stream().anyMatch(mapping -> Addresses.isPublic(mapping.publicAddress()));
    }
}
