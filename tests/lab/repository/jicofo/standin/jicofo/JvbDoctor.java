package standin.jicofo;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import standin.shared.Log;
import standin.shared.XmppStream;

/** Asks each bridge in the brewery now and then whether it is healthy. */
final class JvbDoctor {
    private static final String WHERE = "JvbDoctor.";
    private static final String ID = "doctor";
    private final BridgeSelector selector;
    private volatile XmppStream stream;

    JvbDoctor(BridgeSelector selector) {
        this.selector = selector;
    }

    void start(Duration interval) {
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "JvbDoctor");
            thread.setDaemon(true);
            return thread;
        });
        executor.scheduleAtFixedRate(() -> selector.all().forEach(this::ask), interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Null while there is no connection. */
    void use(XmppStream now) {
        stream = now;
    }

    void bridgeAdded(Bridge bridge) {
        Log.info(WHERE + "bridgeAdded", "Scheduled health-check task for: " + bridge);
    }

    void bridgeRemoved(Bridge bridge) {
        Log.info(WHERE + "bridgeRemoved", "Stopping health-check task for: " + bridge);
    }

    private void ask(Bridge bridge) {
        XmppStream to = stream;
        if (to == null) {
            Log.warn("JvbDoctor$HealthCheckTask.doHealthCheck", "XMPP disconnected - skipping health check for: " + bridge);
            return;
        }
        String address = bridge.address().replace("&", "&amp;").replace("'", "&apos;");
        try {
            to.send("<iq type='get' id='" + ID + "' to='" + address + "'><healthcheck xmlns='http://jitsi.org/protocol/healthcheck'/></iq>");
        } catch (IOException e) {
            Log.warn("JvbDoctor$HealthCheckTask.doHealthCheck", "Error when doing health-check on: " + bridge + ": " + e);
        }
    }

    /** Takes an answer of a bridge. */
    void read(String from, String type, String id) {
        Bridge bridge = selector.get(from);
        if (bridge == null || !id.equals(ID)) {
            return;
        }
        bridge.judge(type.equals("result"));
        if (type.equals("error")) {
            Log.warn("JvbDoctor$HealthCheckTask.doHealthCheck", "Health check failed for: " + bridge);
        }
    }
}
