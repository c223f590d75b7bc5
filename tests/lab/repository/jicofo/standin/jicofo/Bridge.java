package standin.jicofo;

import standin.shared.Element;
import standin.shared.Json;

/** One bridge, as it shows itself in the brewery. */
final class Bridge {
    private static final long RESET_AFTER = 60_000_000_000L;
    private final String address;
    private String version = "null";
    private boolean failed;
    private long failedAt;

    Bridge(String address) {
        this.address = address;
    }

    /** Takes what a presence says of it. */
    void read(Element stats) {
        for (Element stat : stats.children()) {
            if (stat.attribute("name").equals("version")) {
                version = stat.attribute("value");
            }
        }
    }

    String address() {
        return address;
    }

    synchronized void judge(boolean healthy) {
        failed = !healthy;
        if (failed) {
            failedAt = System.nanoTime();
        }
    }

    /** Who failed is not trusted for a minute. */
    synchronized boolean isOperational() {
        return !failed && (failedAt == 0 || System.nanoTime() - failedAt > RESET_AFTER);
    }

    String json() {
        return "{\"corrected-stress\":0.0,\"drain\":false,\"endpoints\":0,\"graceful-shutdown\":false,\"operational\":" + isOperational()
            + ",\"region\":\"null\",\"relay-id\":\"null\",\"shutting-down\":false,\"version\":" + Json.quote(version) + "}";
    }

    // The wording of the real jicofo's log.
    @Override
    public String toString() {
        return "Bridge[jid=" + address + ", version=" + version + ", relayId=null, region=null, correctedStress=0.00]";
    }
}
