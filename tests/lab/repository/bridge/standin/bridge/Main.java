package standin.bridge;

import com.typesafe.config.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import standin.shared.Configuration;
import standin.shared.HealthChecker;
import standin.shared.LegacyProperties;
import standin.shared.Log;
import standin.shared.Version;
import standin.websockets.WebSockets;

/** A stand-in for Jitsi Videobridge: reads its configuration and listens as the real one does, and carries no media. */
public final class Main {
    /** The real one has its pages this long after its start. */
    private static final Duration START = Duration.ofSeconds(3);

    private Main() {
    }

    public static void main(String[] arguments) throws InterruptedException {
        try {
            run(String.join(" ", arguments));
        } catch (RuntimeException e) {
            Log.severe("MainKt.main", "An uncaught exception occurred in thread=" + Thread.currentThread(), e);
            System.exit(1);
        }
    }

    private static void run(String arguments) throws InterruptedException {
        Generation generation = Generation.fromSystemProperty();
        LegacyProperties legacy = LegacyProperties.load();
        legacy.copyIce4jToSystemProperties();
        Config config = Configuration.load(generation.readsHocon());
        if (generation == Generation.CURRENT) {
            Log.info("MainKt.main", "Starting jitsi-videobridge version " + Version.own());
        }

        HarvestConfiguration harvest = new HarvestConfiguration(config);
        MappingHarvesters harvesters = new MappingHarvesters(generation);
        Thread discovery = new Thread(() -> harvesters.initialize(harvest));
        discovery.setDaemon(true);
        discovery.start();
        int port = legacy.getInt("org.jitsi.videobridge.SINGLE_PORT_HARVESTER_PORT", config.getInt("videobridge.ice.udp.port"));
        UdpHarvesters udp = new UdpHarvesters(port, harvest.udpSockets());
        if (generation.knowsTcpHarvester()) {
            TcpHarvester.start(legacy);
        }
        HealthChecker health = health(generation, config, udp, harvesters);
        health.start(generation.checksAtOnce());
        BreweryStatistics breweries = new BreweryStatistics();
        XmppClients.start(legacy, config, health, breweries);
        if (generation == Generation.CURRENT) {
            openWebSockets(config.getConfig("videobridge"));
        }
        if (generation == Generation.CURRENT || hasRestApi(arguments)) {
            serve(generation, legacy, config, new PrivateServer(health, breweries));
        }
    }

    private static void openWebSockets(Config config) {
        try {
            WebSockets.start(config, text -> Log.info("MainKt.main", text), text -> Log.warn("ColibriWebSocketServlet.createWebSocket", text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void serve(Generation generation, LegacyProperties legacy, Config config, PrivateServer server) throws InterruptedException {
        Instant start = ProcessHandle.current().info().startInstant().orElseGet(Instant::now);
        Thread.sleep(Math.max(0, Duration.between(Instant.now(), start.plus(START)).toMillis()));
        Log.info("MainKt.main", "Starting private http server");
        String host = generation == Generation.YEAR_2020 ? "0.0.0.0" : config.getString("videobridge.http-servers.private.host");
        server.start(
            legacy.get("org.jitsi.videobridge.rest.private.jetty.host").orElse(host),
            legacy.getInt("org.jitsi.videobridge.rest.private.jetty.port", config.getInt("videobridge.http-servers.private.port")),
            generation == Generation.YEAR_2020 || config.getBoolean("videobridge.apis.rest.enabled"));
    }

    /** Whether an argument like --apis=xmpp,rest names the REST API. */
    private static boolean hasRestApi(String arguments) {
        return arguments.matches("(?s).*--apis=(\\S*,)?rest\\b.*");
    }

    private static HealthChecker health(Generation generation, Config config, UdpHarvesters udp, MappingHarvesters harvesters) {
        boolean current = generation.demandsValidAddress();
        HealthConditions conditions = new HealthConditions(
            udp,
            !current || config.getBoolean("videobridge.health.require-stun"),
            current && config.getBoolean("videobridge.health.require-valid-address"),
            harvesters);
        return new HealthChecker(generation.healthInterval(config), generation.healthTimeout(config), conditions::complaint);
    }
}
