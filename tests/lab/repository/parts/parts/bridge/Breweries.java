package parts.bridge;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jitsi.config.JitsiConfig;
import org.jitsi.health.HealthChecker;
import org.jitsi.health.Result;
import org.jitsi.utils.version.Version;
import org.jitsi.xmpp.extensions.colibri.ColibriStatsExtension;
import org.jitsi.xmpp.extensions.colibri.ForcefulShutdownIqProvider;
import org.jitsi.xmpp.extensions.colibri.GracefulShutdownIqProvider;
import org.jitsi.xmpp.extensions.colibri2.IqProviderUtils;
import org.jitsi.xmpp.extensions.health.HealthCheckIQ;
import org.jitsi.xmpp.extensions.health.HealthCheckIQProvider;
import org.jitsi.xmpp.mucclient.IQListener;
import org.jitsi.xmpp.mucclient.MucClient;
import org.jitsi.xmpp.mucclient.MucClientConfiguration;
import org.jitsi.xmpp.mucclient.MucClientManager;
import org.jivesoftware.smack.SmackConfiguration;
import org.jivesoftware.smack.SmackConfiguration.UnknownIqRequestReplyMode;
import org.jivesoftware.smack.packet.IQ;
import org.jivesoftware.smack.packet.StanzaError;

/** The bridge in the breweries that its files name, by Jitsi's own client: it shows its state, and answers whether it is healthy. */
final class Breweries implements IQListener {
    private static final String OLD_PREFIX = "org.jitsi.videobridge.xmpp.user.";
    private static final String[] FEATURES = {
        HealthCheckIQ.NAMESPACE, "urn:xmpp:jingle:apps:dtls:0", "urn:xmpp:jingle:transports:ice-udp:1", "jabber:iq:version"};
    private final Config config;
    private final HealthChecker health;
    private final Version version;
    private final MucClientManager manager;

    Breweries(Config config, HealthChecker health, Version version) {
        this.config = config;
        this.health = health;
        this.version = version;
        org.jitsi.xmpp.Smack.INSTANCE.initialize(true);
        // Of a request without a provider smack 4.4.8 makes one to which every refusal is malformed, and prosody ends the stream.
        HealthCheckIQProvider.registerIQProvider();
        ForcefulShutdownIqProvider.registerIQProvider();
        GracefulShutdownIqProvider.registerIQProvider();
        IqProviderUtils.registerProviders();
        manager = new MucClientManager(FEATURES);
        SmackConfiguration.setUnknownIqRequestReplyMode(UnknownIqRequestReplyMode.doNotReply);
        manager.registerIQ(new HealthCheckIQ());
        manager.setIQListener(this);
    }

    /** Connect, and show the state again and again. */
    void start() {
        for (MucClientConfiguration client : clients()) {
            client.setIqHandlerMode("sync");
            if (client.isComplete()) {
                manager.addMucClient(client);
            }
        }
        Executors.newSingleThreadScheduledExecutor(Breweries::daemon).scheduleAtFixedRate(
            this::publish, 0, config.getDuration("presence-interval").toMillis(), TimeUnit.MILLISECONDS);
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "MucPublisher");
        thread.setDaemon(true);
        return thread;
    }

    /** The old file's, or else the new one's. */
    private Collection<MucClientConfiguration> clients() {
        var old = MucClientConfiguration.loadFromConfigService(JitsiConfig.getSipCommunicatorProps(), OLD_PREFIX, true);
        if (!old.isEmpty()) {
            return old;
        }
        Collection<MucClientConfiguration> result = new ArrayList<>();
        config.getObject("configs").forEach((id, entry) -> {
            MucClientConfiguration client = new MucClientConfiguration(id);
            ((ConfigObject) entry).forEach((name, value) -> client.setProperty(name, String.valueOf(value.unwrapped())));
            result.add(client);
        });
        return result;
    }

    @Override
    public IQ handleIq(IQ request, MucClient client) {
        Result result = health.getResult();
        return result.getSuccess() ? IQ.createResultIQ(request) : IQ.createErrorResponse(
            request, StanzaError.from(StanzaError.Condition.internal_server_error, result.getMessage()).build());
    }

    /** The real bridge has some eighty statistics in it. */
    private void publish() {
        Map<String, Object> state = new LinkedHashMap<>();
        state.put("version", version);
        state.put("healthy", health.getResult().getSuccess());
        state.put("stress_level", 0.0);
        state.put("colibri2", true);
        state.put("conferences", 0);
        state.put("drain", false);
        ColibriStatsExtension statistics = new ColibriStatsExtension();
        state.forEach(statistics::addStat);
        manager.setPresenceExtension(statistics);
    }
}
