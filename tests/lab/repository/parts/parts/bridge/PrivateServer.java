package parts.bridge;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.servlet.ServletContainer;
import org.jitsi.health.HealthChecker;
import org.jitsi.metrics.BooleanMetric;
import org.jitsi.metrics.MetricsContainer;
import org.jitsi.rest.Health;
import org.jitsi.rest.JettyBundleActivatorConfig;
import org.jitsi.rest.JettyHelpers;
import org.jitsi.utils.version.Version;

/** The bridge's pages for the machine itself, by jicoco's server: health and version are jicoco's own. */
final class PrivateServer {
    private PrivateServer() {
    }

    static void start(HealthChecker health, Version version) throws Exception {
        var config = new JettyBundleActivatorConfig("org.jitsi.videobridge.rest.private", "videobridge.http-servers.private");
        Server server = JettyHelpers.createServer(config);
        ResourceConfig pages = new ResourceConfig()
            .register(new Health(health)).register(new org.jitsi.rest.Version(version))
            .register(new Metrics(health)).register(new Debug(health));
        JettyHelpers.addServlet(server, new ServletHolder(new ServletContainer(pages)), "/*");
        server.start();
    }

    /** The real bridge has a hundred samples more. */
    @Path("/metrics")
    public static final class Metrics {
        private final HealthChecker health;
        private final MetricsContainer container = new MetricsContainer();
        private final BooleanMetric healthy = container.registerBooleanMetric("jvb_healthy", "Whether the last check found nothing.", true);

        Metrics(HealthChecker health) {
            this.health = health;
        }

        @GET
        public Response get(@Context HttpHeaders headers) {
            healthy.set(health.getResult().getSuccess(), List.of());
            List<String> types = headers.getAcceptableMediaTypes().stream().map(type -> type.getType() + "/" + type.getSubtype()).toList();
            var answer = container.getMetrics(types);
            return Response.ok(answer.getFirst(), answer.getSecond()).build();
        }
    }

    /** The parts of the real page that say how the bridge is. */
    @Path("/debug")
    public static final class Debug {
        private final HealthChecker health;

        Debug(HealthChecker health) {
            this.health = health;
        }

        @GET
        @Produces("application/json")
        public Map<String, Object> get() {
            boolean good = health.getResult().getSuccess();
            return Map.of("shutdown_state", "RUNNING", "drain", false, "load_management", Map.of("state", "NOT_OVERLOADED"),
                "conferences", Map.of(), "health", Map.of("success", good));
        }
    }
}
