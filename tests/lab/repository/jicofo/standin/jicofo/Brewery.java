package standin.jicofo;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import standin.shared.Element;
import standin.shared.Log;
import standin.shared.XmppClient;
import standin.shared.XmppStream;

/** The room in which jicofo finds its bridges: it joins, and watches who comes and goes. */
final class Brewery implements XmppClient.Listener {
    private static final String MUC = "http://jabber.org/protocol/muc";
    private static final String COLIBRI = "http://jitsi.org/protocol/colibri";
    private static final String PROVIDER = "[xmpp_connection=client] XmppProvider.";
    private static final int PAUSE = 1000;
    private final String where;
    private final String room;
    private final String nickname;
    private final Duration patience;
    private final BridgeSelector selector;
    private final JvbDoctor doctor;
    private final Set<String> instances = new ConcurrentSkipListSet<>();
    private final ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor(Brewery::daemon);
    private Future<?> stopping;
    private volatile boolean registered;
    /** Counted on the connection's own thread. */
    private volatile int losses;
    private volatile boolean wasRegistered;

    Brewery(String room, String nickname, Duration patience, BridgeSelector selector, JvbDoctor doctor) {
        this.room = room;
        this.nickname = nickname;
        this.patience = patience;
        this.selector = selector;
        this.doctor = doctor;
        where = "[type=bridge brewery=" + room.replaceFirst("@.*", "") + "] BaseBrewery.";
        Log.info(where + "<init>", "Initialized with JID=" + room);
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "Brewery");
        thread.setDaemon(true);
        return thread;
    }

    boolean isRegistered() {
        return registered;
    }

    /** Whether it ever was; what was learnt of the server then is kept. */
    boolean wasRegistered() {
        return wasRegistered;
    }

    /** The name of the site, without the parts that the packages put before it. */
    String site() {
        return room.replaceFirst(".*@(internal\\.auth\\.)?", "");
    }

    int losses() {
        return losses;
    }

    @Override
    public void connected() {
        Log.info(PROVIDER + "doConnect", "Connected, JID=null");
    }

    @Override
    public void loggedIn(XmppStream stream, String address) throws IOException {
        Log.info(PROVIDER + "authenticated", "Registered (resumed=false). isSmEnabled:false isSmAvailable:false isSmResumptionPossible:false");
        Log.info(PROVIDER + "scheduleConnectTask", "Connected.");
        registered = true;
        wasRegistered = true;
        if (stopping != null) {
            stopping.cancel(false);
        }
        forgetAll();
        doctor.use(stream);
        join(stream);
    }

    private void join(XmppStream stream) throws IOException {
        stream.send("<presence to='" + room + "/" + nickname + "'><x xmlns='" + MUC + "'/></presence>");
    }

    @Override
    public void received(XmppStream stream, Element stanza) throws IOException {
        String from = stanza.attribute("from");
        boolean isOfRoom = from.startsWith(room + "/");
        if (stanza.name().equals("iq")) {
            doctor.read(from, stanza.attribute("type"), stanza.attribute("id"));
        } else if (isOfRoom && stanza.name().equals("presence")) {
            readPresence(stream, from, stanza);
        }
    }

    private void readPresence(XmppStream stream, String from, Element presence) {
        String type = presence.attribute("type");
        if (type.equals("error") && from.endsWith("/" + nickname)) {
            Log.severe(where + "start", "Failed to create room: " + presence);
            later.schedule(() -> joinAgain(stream), patience.toMillis(), TimeUnit.MILLISECONDS);
        } else if (type.equals("unavailable")) {
            forget(from);
        } else if (from.endsWith("/" + nickname)) {
            Log.info(where + "start", "Joined the room.");
        } else {
            presence.child("stats", COLIBRI).ifPresent(stats -> see(from, stats));
        }
    }

    private void joinAgain(XmppStream stream) {
        try {
            join(stream);
        } catch (IOException e) {
            Log.warn(where + "start", "Failed to create room: " + e);
        }
    }

    private void see(String address, Element stats) {
        if (instances.add(address)) {
            Log.info(where + "addInstance", "Added brewery instance: " + address);
        }
        if (selector.see(address, stats)) {
            doctor.bridgeAdded(selector.get(address));
        }
    }

    private void forget(String address) {
        if (!instances.remove(address)) {
            return;
        }
        Log.info(where + "removeInstance", "Removed brewery instance: " + address);
        doctor.bridgeRemoved(selector.remove(address));
    }

    private void forgetAll() {
        instances.forEach(this::forget);
    }

    @Override
    public int failed(Exception cause) {
        Log.severe(PROVIDER + "doConnect", "Failed to connect/login: " + cause.getMessage(), cause);
        Log.warn(PROVIDER + "scheduleConnectTask", "Failed to connect, will re-try after 1 second");
        return PAUSE;
    }

    @Override
    public void lost(Exception cause) {
        Log.severe(PROVIDER + "connectionClosedOnError", "XMPP connection closed on error: " + cause.getMessage(), cause);
        registered = false;
        losses = losses + 1;
        doctor.use(null);
        stopping = later.schedule(this::forgetAll, patience.toMillis(), TimeUnit.MILLISECONDS);
    }
}
