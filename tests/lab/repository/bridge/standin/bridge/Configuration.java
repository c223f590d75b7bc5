package standin.bridge;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import java.io.File;

/** The new configuration: the file that -Dconfig.file names, over the system properties, over reference.conf. */
final class Configuration {
    private Configuration() {
    }

    /** Throws a ConfigException, of which the bridge dies, if the file is missing or is no HOCON. */
    static Config load(Generation generation) {
        Config defaults = ConfigFactory.systemProperties()
            .withFallback(ConfigFactory.parseResources(Configuration.class, "/reference.conf"));
        String path = System.getProperty("config.file");
        if (!generation.readsHocon() || path == null) {
            return defaults.resolve();
        }
        ConfigParseOptions mustExist = ConfigParseOptions.defaults().setAllowMissing(false);
        return ConfigFactory.parseFile(new File(path), mustExist).withFallback(defaults).resolve();
    }
}
