package standin.bridge;

import java.util.Optional;

/** What makes the bridge unhealthy, in the order and the words of the real one. */
final class HealthConditions {
    private final UdpHarvesters udp;
    private final boolean requireStun;
    private final boolean requireValidAddress;
    private final MappingHarvesters harvesters;

    HealthConditions(UdpHarvesters udp, boolean requireStun, boolean requireValidAddress, MappingHarvesters harvesters) {
        this.udp = udp;
        this.requireStun = requireStun;
        this.requireValidAddress = requireValidAddress;
        this.harvesters = harvesters;
    }

    Optional<String> complaint() {
        if (requireValidAddress && !hasValidAddress()) {
            return Optional.of("No valid IP addresses available for harvesting.");
        }
        if (requireStun && harvesters.stunDiscoveryFailed()) {
            return Optional.of("Address discovery through STUN failed");
        }
        if (udp.addresses().isEmpty()) {
            return Optional.of("Failed to bind single-port");
        }
        return Optional.empty();
    }

    private boolean hasValidAddress() {
        return udp.addresses().stream().anyMatch(Addresses::isPublic) || harvesters.masks().stream().anyMatch(Addresses::isPublic);
    }
}
