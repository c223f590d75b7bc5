package standin.bridge;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;

/** How many servers the bridge is to be known to, and to how many it is. */
final class BreweryStatistics {
    private final double start = Instant.now().toEpochMilli() / 1000.0;
    private final AtomicInteger configured = new AtomicInteger();
    private final AtomicInteger present = new AtomicInteger();
    private final AtomicInteger losses = new AtomicInteger();

    void configured() {
        configured.incrementAndGet();
    }

    void joined() {
        present.incrementAndGet();
    }

    void left() {
        present.decrementAndGet();
        losses.incrementAndGet();
    }

    /** As Prometheus reads it; one brewery a server is what the packages configure. */
    String metrics() {
        return gauge("muc_clients_configured", configured.get()) + gauge("muc_clients_connected", present.get())
            + gauge("mucs_configured", configured.get()) + gauge("mucs_joined", present.get())
            + "# TYPE jitsi_jvb_xmpp_disconnects counter\njitsi_jvb_xmpp_disconnects_total " + (double) losses.get()
            + "\njitsi_jvb_xmpp_disconnects_created " + start + "\n";
    }

    static String gauge(String name, double value) {
        return "# TYPE jitsi_jvb_" + name + " gauge\njitsi_jvb_" + name + " " + value + "\n";
    }
}
