package standin.bridge;

import java.io.IOException;
import java.util.Optional;
import standin.shared.HealthChecker;
import standin.shared.Log;
import standin.shared.Pages;
import standin.shared.Pages.Answer;
import standin.shared.Version;

/** The bridge's own HTTP server, for the machine itself. */
final class PrivateServer {
    private static final String STATISTICS = "{\"conferences\":0,\"participants\":0,\"stress_level\":0.0}";
    private final HealthChecker health;
    private final BreweryStatistics breweries;

    PrivateServer(HealthChecker health, BreweryStatistics breweries) {
        this.health = health;
        this.breweries = breweries;
    }

    /** Statistics are shown only to who asked for them in the configuration. */
    void start(String host, int port, boolean showStatistics) {
        Pages pages = new Pages()
            .add("/about/health", this::health)
            .add("/about/version", () -> Answer.json(Version.json("JVB")))
            .add("/colibri/drain", () -> Answer.json("{\"drain\":false}"))
            .add("/stats", () -> Answer.json("{\"conferences\":{}}"))
            .add("/debug", () -> Answer.json(debug()))
            .add("/metrics", () -> Answer.metrics(metrics()));
        if (showStatistics) {
            pages.add("/colibri/stats", () -> Answer.json(STATISTICS));
        }
        try {
            pages.start(host, port);
        } catch (IOException e) {
            Log.severe("MainKt.main", "Failed to start the private HTTP server on " + host + ":" + port, e);
        }
    }

    private Answer health() {
        Optional<String> complaint = health.complaint();
        return Answer.plain(complaint.isPresent() ? 500 : 200, complaint.orElse(""));
    }

    private String debug() {
        return "{\"shutdown_state\":\"RUNNING\",\"drain\":false,\"time\":" + System.currentTimeMillis()
            + ",\"load_management\":{\"state\":\"NOT_OVERLOADED\",\"stress\":\"0.0\"},\"conferences\":{},\"health\":" + health.json() + "}";
    }

    private String metrics() {
        return BreweryStatistics.gauge("healthy", health.complaint().isPresent() ? 0 : 1) + BreweryStatistics.gauge("conferences", 0)
            + breweries.metrics();
    }
}
