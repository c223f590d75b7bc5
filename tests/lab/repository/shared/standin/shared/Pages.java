package standin.shared;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** An HTTP server that knows some paths, and answers 404 to all others. */
public final class Pages {
    private final Map<String, Supplier<Answer>> pages = new HashMap<>();

    /** A status, a content type, of which nothing is said if it is empty, and a text. */
    public record Answer(int status, String type, String text) {
        public static Answer json(String text) {
            return new Answer(200, "application/json", text);
        }

        public static Answer plain(int status, String text) {
            return new Answer(status, text.isEmpty() ? "" : "text/plain;charset=UTF-8", text);
        }

        /** Samples in the form that Prometheus reads, each a line. */
        public static Answer metrics(String samples) {
            return new Answer(200, "application/openmetrics-text; version=1.0.0; charset=utf-8", samples + "# EOF\n");
        }
    }

    /** Answers GET on this very path. */
    public Pages add(String path, Supplier<Answer> page) {
        pages.put(path, page);
        return this;
    }

    public void start(String host, int port) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(host, port), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    private void handle(HttpExchange exchange) throws IOException {
        Supplier<Answer> page = pages.get(exchange.getRequestURI().getPath());
        if (page == null) {
            send(exchange, Answer.plain(404, ""));
        } else if (!exchange.getRequestMethod().equals("GET")) {
            send(exchange, Answer.plain(405, ""));
        } else {
            send(exchange, page.get());
        }
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        byte[] body = answer.text().getBytes(StandardCharsets.UTF_8);
        if (!answer.type().isEmpty()) {
            exchange.getResponseHeaders().set("Content-Type", answer.type());
        }
        exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
        try (var out = exchange.getResponseBody()) {
            out.write(body);
        }
    }
}
