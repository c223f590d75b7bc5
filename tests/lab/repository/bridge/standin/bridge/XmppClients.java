package standin.bridge;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import standin.shared.HealthChecker;
import standin.shared.LegacyProperties;
import standin.shared.Log;

/** Finds the XMPP servers in the configuration as the real bridge does, and connects to them. */
final class XmppClients {
    private static final String WHERE = "XmppConnection.";
    private static final String LEGACY = "org.jitsi.videobridge.xmpp.user.";
    private static final String[] NEEDED = {"HOSTNAME", "USERNAME", "PASSWORD", "MUC_JIDS", "MUC_NICKNAME"};

    private XmppClients() {
    }

    /** One complete old entry makes all new ones ignored. */
    static void start(LegacyProperties legacy, Config config, HealthChecker health, BreweryStatistics statistics) {
        Map<String, Map<String, String>> old = fromProperties(legacy.all());
        boolean useOld = old.values().stream().anyMatch(XmppClients::isComplete);
        Map<String, Map<String, String>> entries = useOld ? old : fromConfig(config.getObject("videobridge.apis.xmpp-client.configs"));
        Duration interval = config.getDuration("videobridge.apis.xmpp-client.presence-interval");
        entries.forEach((id, entry) -> connect(id, entry, health, statistics, interval));
    }

    private static Map<String, Map<String, String>> fromProperties(Properties properties) {
        Map<String, Map<String, String>> result = new TreeMap<>();
        for (String key : properties.stringPropertyNames()) {
            String[] parts = key.startsWith(LEGACY) ? key.substring(LEGACY.length()).split("\\.", 2) : new String[0];
            if (parts.length == 2) {
                result.computeIfAbsent(parts[0], id -> new TreeMap<>()).put(parts[1].toUpperCase(), properties.getProperty(key));
            }
        }
        return result;
    }

    private static Map<String, Map<String, String>> fromConfig(ConfigObject configs) {
        Map<String, Map<String, String>> result = new TreeMap<>();
        for (String id : configs.keySet()) {
            Config entry = configs.toConfig().getConfig(ConfigUtil.joinPath(id));
            Map<String, String> values = result.computeIfAbsent(id, unused -> new TreeMap<>());
            entry.root().forEach((name, value) -> values.put(name.toUpperCase(), String.valueOf(value.unwrapped())));
        }
        return result;
    }

    private static boolean isComplete(Map<String, String> entry) {
        for (String name : NEEDED) {
            if (!entry.containsKey(name)) {
                return false;
            }
        }
        return true;
    }

    private static void connect(
            String id, Map<String, String> entry, HealthChecker health, BreweryStatistics statistics, Duration interval) {
        if (!isComplete(entry)) {
            Log.info(WHERE + "addMucClient", "Not adding a MucClient, configuration incomplete.");
            return;
        }
        Log.info(WHERE + "addMucClient", "Adding MucClient for " + id);
        statistics.configured();
        BreweryClient.start(id, entry, health, statistics, interval);
    }
}
