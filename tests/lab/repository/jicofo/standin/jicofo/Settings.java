package standin.jicofo;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import standin.shared.Configuration;
import standin.shared.LegacyProperties;
import standin.shared.XmppClient;

/** What jicofo.conf says; in 2020 the command line and sip-communicator.properties say it. */
final class Settings {
    private static final Map<String, String> ARGUMENTS = Map.of(
        "--host", "jicofo.xmpp.client.hostname",
        "--user_domain", "jicofo.xmpp.client.domain",
        "--user_name", "jicofo.xmpp.client.username",
        "--user_password", "jicofo.xmpp.client.password");
    private final boolean old = "2020".equals(System.getProperty("standin.generation"));
    private final LegacyProperties legacy = LegacyProperties.load();
    private Config config;

    Settings(String[] arguments) {
        config = Configuration.load(!old);
        for (String argument : arguments) {
            String[] parts = argument.split("=", 2);
            if (old && parts.length == 2 && ARGUMENTS.containsKey(parts[0])) {
                config = config.withValue(ARGUMENTS.get(parts[0]), ConfigValueFactory.fromAnyRef(parts[1]));
            }
        }
    }

    boolean isOld() {
        return old;
    }

    /** Without a domain or a password nobody can log in. */
    Optional<XmppClient.Account> account() {
        Config client = config.getConfig("jicofo.xmpp.client");
        if (!client.hasPath("domain") || !client.hasPath("password")) {
            return Optional.empty();
        }
        String user = client.getString("username");
        String resource = client.hasPath("resource") ? client.getString("resource") : user;
        return Optional.of(new XmppClient.Account(client.getString("hostname"), client.getInt("port"), client.getString("domain"),
            user, client.getString("password"), resource));
    }

    /** Servers compare addresses without case, and write them small. The old name wins. */
    Optional<String> brewery() {
        Optional<String> old = legacy.get("org.jitsi.jicofo.BRIDGE_MUC");
        Optional<String> found = old.isPresent() || !config.hasPath("jicofo.bridge.brewery-jid")
            ? old : Optional.of(config.getString("jicofo.bridge.brewery-jid"));
        return found.map(String::toLowerCase);
    }

    /** The legacy name wins here, too. In 2020 health could always be asked for. */
    boolean showsHealth() {
        return old || legacy.getBoolean("org.jitsi.jicofo.health.ENABLE_HEALTH_CHECKS", config.getBoolean("jicofo.health.enabled"));
    }

    boolean checksBridges() {
        return config.getBoolean("jicofo.bridge.health-checks.enabled");
    }

    boolean isServer() {
        return config.getBoolean("jicofo.rest.enabled");
    }

    String text(String path) {
        return config.getString("jicofo." + path);
    }

    int number(String path) {
        return config.getInt("jicofo." + path);
    }

    Duration duration(String path) {
        return config.getDuration("jicofo." + path);
    }
}
