package standin.shared;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;

/** sip-communicator.properties, read as the real programs read it: UTF-8, and an error is logged and then forgotten. */
public final class LegacyProperties {
    private static final String WHERE = "ReadOnlyConfigurationService.reloadConfiguration";
    private final Properties properties = new Properties();

    public static LegacyProperties load() {
        LegacyProperties result = new LegacyProperties();
        Path path = Path.of(
            System.getProperty("net.java.sip.communicator.SC_HOME_DIR_LOCATION", "/etc/jitsi"),
            System.getProperty("net.java.sip.communicator.SC_HOME_DIR_NAME", "videobridge"),
            "sip-communicator.properties");
        // An InputStreamReader replaces bytes that are no UTF-8; Files.newBufferedReader would throw.
        try (var reader = new BufferedReader(
                new InputStreamReader(new FileInputStream(path.toFile()), StandardCharsets.UTF_8))) {
            result.properties.load(reader);
        } catch (Exception e) {
            Log.info(WHERE, "Error loading config file: " + e);
        }
        return result;
    }

    /** The value of the file, else that of the system property of the same name, trimmed. */
    public Optional<String> get(String key) {
        String value = properties.getProperty(key, System.getProperty(key));
        return Optional.ofNullable(value).map(String::trim);
    }

    public boolean getBoolean(String key, boolean otherwise) {
        return get(key).map(Boolean::parseBoolean).orElse(otherwise);
    }

    public int getInt(String key, int otherwise) {
        return get(key).map(Integer::parseInt).orElse(otherwise);
    }

    /** What the real bridge calls "Make legacy ice4j properties system properties": a -D of the command line stays. */
    public void copyIce4jToSystemProperties() {
        for (String key : properties.stringPropertyNames()) {
            if (key.startsWith("org.ice4j") && System.getProperty(key) == null) {
                System.setProperty(key, properties.getProperty(key));
            }
        }
    }

    public Properties all() {
        return properties;
    }
}
