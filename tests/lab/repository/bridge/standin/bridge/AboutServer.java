package standin.bridge;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The private HTTP server: /about/health and /about/version. */
final class AboutServer {
    private static final String WHERE = "AboutServer";

    private AboutServer() {
    }

    static void start(String host, int port, Health health) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(host, port), 0);
            server.createContext("/about/health", exchange -> answerHealth(exchange, health));
            server.createContext("/about/version", exchange -> answer(exchange, 200,
                "{\"name\":\"JVB\",\"version\":\"" + System.getProperty("standin.version", "unknown") + "\",\"os\":\"Linux\"}"));
            server.start();
            Log.info(WHERE, "Private HTTP server listens on " + host + ":" + port);
        } catch (IOException e) {
            Log.severe(WHERE, "Failed to start the private HTTP server on " + host + ":" + port + ": " + e.getMessage());
        }
    }

    private static void answerHealth(HttpExchange exchange, Health health) throws IOException {
        Optional<String> complaint = health.complaint();
        complaint.ifPresent(text -> Log.severe("HealthChecker.run", "Health check failed: " + text));
        answer(exchange, complaint.isPresent() ? 500 : 200, complaint.orElse(""));
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        try (var out = exchange.getResponseBody()) {
            out.write(body);
        }
    }
}
