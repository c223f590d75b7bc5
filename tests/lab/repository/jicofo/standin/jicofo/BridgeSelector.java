package standin.jicofo;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import standin.shared.Element;
import standin.shared.Log;

/** The bridges that can be chosen from. The stand-in chooses none: it opens no rooms. */
final class BridgeSelector {
    private static final String WHERE = "BridgeSelector.";
    private final Map<String, Bridge> bridges = new ConcurrentSkipListMap<>();
    private final AtomicInteger lost = new AtomicInteger();
    private final String strategy;

    BridgeSelector(String strategy) {
        this.strategy = strategy.replaceFirst(".*\\.", "");
        Log.info(WHERE + "<init>", "Using org.jitsi.jicofo.bridge." + this.strategy);
    }

    /** Returns whether it is a new one. */
    boolean see(String address, Element stats) {
        Bridge known = bridges.get(address);
        if (known != null) {
            known.read(stats);
            return false;
        }
        Bridge bridge = new Bridge(address);
        bridge.read(stats);
        Log.info(WHERE + "addJvbAddress", "Added new videobridge: " + bridge);
        bridges.put(address, bridge);
        return true;
    }

    Bridge remove(String address) {
        Log.info(WHERE + "removeJvbAddress", "Removing JVB: " + address);
        Log.warn(WHERE + "removeJvbAddress", "Lost a bridge: " + address);
        lost.incrementAndGet();
        return bridges.remove(address);
    }

    Bridge get(String address) {
        return bridges.get(address);
    }

    Collection<Bridge> all() {
        return bridges.values();
    }

    long operational() {
        return all().stream().filter(Bridge::isOperational).count();
    }

    int lost() {
        return lost.get();
    }

    String statistics() {
        return "{\"bridge_count\":" + all().size() + ",\"operational_bridge_count\":" + operational()
            + ",\"in_shutdown_bridge_count\":0,\"lost_bridges\":" + lost.get() + "}";
    }

    String debug() {
        StringBuilder each = new StringBuilder();
        for (Bridge bridge : all()) {
            each.append(each.isEmpty() ? "" : ",").append("\"" + bridge.address() + "\":" + bridge.json());
        }
        return "{\"strategy\":\"" + strategy + "\",\"bridge\":{" + each + "}}";
    }
}
