package standin.bridge;

import com.typesafe.config.Config;

/** A stand-in for Jitsi Videobridge: reads its configuration and listens as the real one does, and carries no media. */
public final class Main {
    private Main() {
    }

    public static void main(String[] arguments) {
        Log.open(System.getProperty("net.java.sip.communicator.SC_LOG_DIR_LOCATION", "/var/log/jitsi") + "/jvb.log");
        try {
            run(String.join(" ", arguments));
        } catch (RuntimeException e) {
            Log.severe("Main.main", "Exception in thread \"main\" " + e);
            System.exit(1);
        }
    }

    private static void run(String arguments) {
        Generation generation = Generation.fromSystemProperty();
        Log.info("Main.main", "Starting jitsi-videobridge version JVB " + System.getProperty("standin.version") + " (stand-in)");
        LegacyProperties legacy = LegacyProperties.load();
        legacy.copyIce4jToSystemProperties();
        Config config = Configuration.load(generation);

        XmppClients.start(legacy, config);
        MappingHarvesters harvesters = new MappingHarvesters(new HarvestConfiguration(config));
        int port = legacy.getInt("org.jitsi.videobridge.SINGLE_PORT_HARVESTER_PORT", config.getInt("videobridge.ice.udp.port"));
        boolean portBound = UdpHarvester.start(port);
        if (generation.knowsTcpHarvester()) {
            TcpHarvester.start(legacy);
        }
        if (generation == Generation.CURRENT || hasRestApi(arguments)) {
            AboutServer.start(
                legacy.get("org.jitsi.videobridge.rest.private.jetty.host").orElse(config.getString("videobridge.http-servers.private.host")),
                legacy.getInt("org.jitsi.videobridge.rest.private.jetty.port", config.getInt("videobridge.http-servers.private.port")),
                health(generation, config, portBound, harvesters));
        }
    }

    /** Whether an argument like --apis=xmpp,rest names the REST API. */
    private static boolean hasRestApi(String arguments) {
        return arguments.matches("(?s).*--apis=(\\S*,)?rest\\b.*");
    }

    private static Health health(Generation generation, Config config, boolean portBound, MappingHarvesters harvesters) {
        boolean current = generation.demandsValidAddress();
        return new Health(
            portBound,
            !current || config.getBoolean("videobridge.health.require-stun"),
            current && config.getBoolean("videobridge.health.require-valid-address"),
            harvesters);
    }
}
