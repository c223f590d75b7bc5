package standin.bridge;

import java.io.IOException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import standin.shared.Element;
import standin.shared.HealthChecker;
import standin.shared.Json;
import standin.shared.Log;
import standin.shared.Version;
import standin.shared.XmppClient;
import standin.shared.XmppStream;

/** The bridge in the breweries of one XMPP server, where jicofo finds it: it shows its state there, and answers whether it is healthy. */
final class BreweryClient implements XmppClient.Listener {
    private static final String MUC = "http://jabber.org/protocol/muc";
    private static final String COLIBRI = "http://jitsi.org/protocol/colibri";
    private static final String HEALTH = "http://jitsi.org/protocol/healthcheck";
    private static final int TRACE_LINES = 110;
    private static final int PAUSE_OF_CONNECTION = 5000;
    private static final int PAUSE_OF_LOGIN = 1000;
    private final String context;
    private final String[] rooms;
    private final String nickname;
    private final HealthChecker health;
    private final BreweryStatistics statistics;
    private volatile XmppStream stream;

    private BreweryClient(String id, Map<String, String> entry, HealthChecker health, BreweryStatistics statistics) {
        context = "[hostname=" + entry.get("HOSTNAME") + " id=" + id + "] MucClient.";
        rooms = Arrays.stream(entry.get("MUC_JIDS").split(",")).map(String::trim).toArray(String[]::new);
        nickname = entry.get("MUC_NICKNAME");
        this.health = health;
        this.statistics = statistics;
    }

    static void start(String id, Map<String, String> entry, HealthChecker health, BreweryStatistics statistics, Duration presenceInterval) {
        String host = entry.get("HOSTNAME");
        int port = Integer.parseInt(entry.getOrDefault("PORT", "5222"));
        BreweryClient client = new BreweryClient(id, entry, health, statistics);
        Log.info(client.context + "initializeConnectAndJoin", "Initializing a new MucClient for " + shown(id, entry));
        XmppClient.start("MucClient-" + id,
            new XmppClient.Account(host, port, entry.getOrDefault("DOMAIN", host), entry.get("USERNAME"), entry.get("PASSWORD"), ""), client);
        ScheduledExecutorService publisher = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "MucPublisher");
            thread.setDaemon(true);
            return thread;
        });
        publisher.scheduleAtFixedRate(client::publish, 0, presenceInterval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Without the password. */
    private static String shown(String id, Map<String, String> entry) {
        return "[ org.jitsi.xmpp.mucclient.MucClientConfiguration id=" + id + " domain=" + entry.get("DOMAIN") + " hostname="
            + entry.get("HOSTNAME") + " port=" + entry.get("PORT") + " username=" + entry.get("USERNAME") + " mucs=[" + entry.get("MUC_JIDS")
            + "] mucNickname=" + entry.get("MUC_NICKNAME") + " disableCertificateVerification=false]";
    }

    @Override
    public void connected() {
        Log.info(context + "connected", "Connected.");
        Log.info(context + "lambda$getConnectAndLoginCallable", "Logging in.");
    }

    @Override
    public void loggedIn(XmppStream opened, String address) throws IOException {
        Log.info(context + "authenticated", "Authenticated, resumed=false");
        for (String room : rooms) {
            opened.send("<presence to='" + room + "/" + nickname + "'><x xmlns='" + MUC + "'/></presence>");
        }
    }

    @Override
    public void received(XmppStream opened, Element stanza) throws IOException {
        String from = stanza.attribute("from");
        if (stanza.name().equals("presence") && isOwn(stanza)) {
            if (stream == null) {
                Log.info(context.replace("MucClient.", "MucClient$MucWrapper.") + "join", "Joined MUC: " + from.replaceFirst("/.*", ""));
                stream = opened;
                statistics.joined();
                publish();
            }
        } else if (stanza.name().equals("presence") && stanza.attribute("type").equals("error") && from.endsWith("/" + nickname)) {
            throw new IOException("Failed to join the MUCs: " + stanza);
        } else if (stanza.name().equals("iq") && stanza.child("healthcheck", HEALTH).isPresent()) {
            opened.send(answer(from, stanza.attribute("id")));
        }
    }

    private static boolean isOwn(Element presence) {
        return presence.child("x", MUC + "#user").stream().flatMap(x -> x.children().stream())
            .anyMatch(part -> part.name().equals("status") && part.attribute("code").equals("110"));
    }

    private String answer(String to, String id) {
        Optional<String> complaint = health.complaint();
        String begin = "<iq to='" + escaped(to) + "' id='" + escaped(id) + "' type='";
        return complaint.isEmpty() ? begin + "result'/>" : begin + "error'><error type='cancel'><internal-server-error "
            + "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";
    }

    /** The real bridge has some eighty statistics in it. */
    private void publish() {
        XmppStream to = stream;
        if (to == null) {
            return;
        }
        String stats = stat("version", Version.own()) + stat("healthy", String.valueOf(health.complaint().isEmpty())) + stat("stress_level", "0.0")
            + stat("drain", "false");
        try {
            for (String room : rooms) {
                to.send("<presence to='" + room + "/" + nickname + "'><stats xmlns='" + COLIBRI + "'>" + stats + "</stats></presence>");
            }
        } catch (IOException e) {
            Log.severe(context + "setPresenceExtensions", "Failed to send stanza: " + e);
        }
    }

    private static String stat(String name, String value) {
        return "<stat name=" + Json.quote(name) + " value=" + Json.quote(value) + "/>";
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("'", "&apos;").replace("<", "&lt;");
    }

    @Override
    public int failed(Exception cause) {
        boolean isOfConnection = cause instanceof GeneralSecurityException || cause instanceof SSLException || cause instanceof SocketException
            || cause instanceof UnknownHostException;
        // As long as the real bridge's trace, of other names.
        StackTraceElement[] lines = new StackTraceElement[TRACE_LINES];
        Arrays.fill(lines, new StackTraceElement(BreweryClient.class.getName(), "connectAndLogin", "BreweryClient.java", 1));
        cause.setStackTrace(lines);
        Log.warn(context + "lambda$getConnectAndLoginCallable",
            isOfConnection ? "Error connecting:" : "Failed to login. Disconnecting to trigger a re-connect.", cause);
        return isOfConnection ? PAUSE_OF_CONNECTION : PAUSE_OF_LOGIN;
    }

    @Override
    public void lost(Exception cause) {
        if (stream != null) {
            statistics.left();
        }
        stream = null;
        Log.warn(context + "connectionClosedOnError", "Closed on error:", cause);
    }
}
