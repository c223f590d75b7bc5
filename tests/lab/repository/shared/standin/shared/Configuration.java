package standin.shared;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import java.io.File;

/** The new configuration: the file that -Dconfig.file names, over the system properties, over the program's reference.conf. */
public final class Configuration {
    private Configuration() {
    }

    /** Throws a ConfigException, of which the programs die, if the file is missing or is no HOCON. */
    public static Config load(boolean readsFile) {
        Config defaults = ConfigFactory.systemProperties()
            .withFallback(ConfigFactory.parseResources(Configuration.class, "/reference.conf"));
        String path = System.getProperty("config.file");
        if (!readsFile || path == null) {
            return defaults.resolve();
        }
        ConfigParseOptions mustExist = ConfigParseOptions.defaults().setAllowMissing(false);
        return ConfigFactory.parseFile(new File(path), mustExist).withFallback(defaults).resolve();
    }
}
