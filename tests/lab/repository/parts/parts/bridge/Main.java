package parts.bridge;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.List;
import org.ice4j.ice.harvest.AbstractUdpListener;
import org.ice4j.ice.harvest.MappingCandidateHarvesters;
import org.jitsi.config.JitsiConfig;
import org.jitsi.health.HealthChecker;
import org.jitsi.utils.logging2.Logger;
import org.jitsi.utils.logging2.LoggerImpl;
import org.jitsi.utils.version.Version;
import org.jitsi.utils.version.VersionImpl;
import standin.websockets.WebSockets;

/** A bridge without media, of the parts of the real one that Maven Central has, put together in the real one's order. */
public final class Main {
    private static final String OLD_PORT = "org.jitsi.videobridge.SINGLE_PORT_HARVESTER_PORT";

    private Main() {
    }

    public static void main(String[] arguments) throws Exception {
        Logger logger = new LoggerImpl("MainKt");
        Thread.setDefaultUncaughtExceptionHandler(
            (thread, exception) -> logger.error("An uncaught exception occurred in thread=" + thread, exception));
        JitsiConfig.Companion.reloadNewConfig();
        copyIce4jToSystemProperties();
        JitsiConfig.Companion.reloadNewConfig();
        Config config = ConfigFactory.load().getConfig("videobridge");
        Version version = version(System.getProperty("standin.version"));
        logger.info("Starting jitsi-videobridge version " + version);

        AbstractUdpListener.USE_PUSH_API = true;
        new Thread(MappingCandidateHarvesters::initialize).start();
        List<AnsweringHarvester> harvesters = AnsweringHarvester.create(port(config));
        if (harvesters.isEmpty()) {
            logger.warn("No single-port harvesters created.");
        }
        HealthChecker health = new Health(config.getConfig("health"), harvesters).checker();
        Breweries breweries = new Breweries(config.getConfig("apis.xmpp-client"), health, version);
        breweries.start();
        health.start();
        WebSockets.start(config, logger::info, logger::warn);
        logger.info("Starting private http server");
        PrivateServer.start(health, version);
    }

    /** As the real bridge does; a -D of the command line stays. */
    private static void copyIce4jToSystemProperties() {
        var old = JitsiConfig.getSipCommunicatorProps();
        for (String key : old.getPropertyNamesByPrefix("org.ice4j", false)) {
            System.getProperties().putIfAbsent(key, old.getString(key));
        }
    }

    private static int port(Config config) {
        return JitsiConfig.getSipCommunicatorProps().getInt(OLD_PORT, config.getInt("ice.udp.port"));
    }

    /** 2.3-300-g0123abcd-1, as the package has it. */
    private static Version version(String text) {
        String[] parts = text.replaceFirst("-[0-9]+$", "").split("[.-]", 3);
        return new VersionImpl("JVB", Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), parts[2]);
    }
}
