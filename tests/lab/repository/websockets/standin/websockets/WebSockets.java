package standin.websockets;

import com.typesafe.config.Config;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The WebSockets between clients and a bridge, below /colibri-ws/SERVER-ID/CONFERENCE/ENDPOINT?pwd=PASSWORD, with the real one's answers.
 * The one conference is called "lab", and so is the password of everybody in it.
 */
public final class WebSockets {
    private static final String PLACE = "/colibri-ws/";
    private static final String CONFERENCE = "lab";
    private static final String QUERY = "pwd=lab";
    private static final String ACCEPTED = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final String HELLO = "{\"colibriClass\":\"ServerHello\"}";
    private static final int TEXT = 1;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int LONGEST = 65535;

    private final String serverId;
    private final Consumer<String> info;
    private final Consumer<String> warn;

    private WebSockets(String serverId, Consumer<String> info, Consumer<String> warn) {
        this.serverId = serverId;
        this.info = info;
        this.warn = warn;
    }

    /**
     * Listens if the configuration of the bridge has a public port.
     *
     * @param config what is below "videobridge"
     */
    public static void start(Config config, Consumer<String> info, Consumer<String> warn) throws IOException {
        int port = config.getInt("http-servers.public.port");
        if (port <= 0) {
            info.accept("Not starting public http server");
            return;
        }
        info.accept("Starting public http server");
        if (!config.getBoolean("websockets.enabled")) {
            info.accept("WebSockets are not enabled");
        }
        String place = "http-servers.public.host";
        InetAddress host = config.hasPath(place) ? InetAddress.getByName(config.getString(place)) : null;
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(host == null ? new InetSocketAddress(port) : new InetSocketAddress(host, port));
        String serverId = config.getBoolean("websockets.enabled") ? config.getString("websockets.server-id") : null;
        WebSockets sockets = new WebSockets(serverId, info, warn);
        inBackground(() -> sockets.acceptFrom(server));
    }

    private static void inBackground(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        thread.start();
    }

    private void acceptFrom(ServerSocket server) {
        while (true) {
            try {
                Socket client = server.accept();
                inBackground(() -> serve(client));
            } catch (IOException e) {
                warn.accept("Public http server: " + e);
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            DataInputStream in = new DataInputStream(new BufferedInputStream(client.getInputStream()));
            String[] request = line(in).split(" ");
            Map<String, String> headers = headers(in);
            String key = headers.get("sec-websocket-key");
            String refusal = refusal(request, headers, key);
            if (refusal.isEmpty()) {
                talk(in, client.getOutputStream(), key);
            } else {
                String page = "<html><body><h2>HTTP ERROR " + refusal + "</h2></body></html>\n";
                String head = refusal + "\r\nConnection: close\r\nContent-Type: text/html;charset=iso-8859-1\r\nContent-Length: ";
                answer(client.getOutputStream(), head + page.length() + "\r\n\r\n" + page);
            }
        } catch (IOException e) {
            // The client is gone.
        }
    }

    private static String line(DataInputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int next = in.readUnsignedByte(); next != '\n'; next = in.readUnsignedByte()) {
            if (text.length() > LONGEST) {
                throw new IOException("no HTTP request");
            }
            text.append((char) next);
        }
        return text.toString().strip();
    }

    private static Map<String, String> headers(DataInputStream in) throws IOException {
        Map<String, String> found = new HashMap<>();
        for (String text = line(in); !text.isEmpty(); text = line(in)) {
            String[] parts = text.split(":", 2);
            found.put(parts[0].toLowerCase(Locale.ROOT), parts.length > 1 ? parts[1].strip() : "");
        }
        return found;
    }

    /** What the real bridge says to a request, in its order; nothing where it opens a WebSocket. */
    private String refusal(String[] request, Map<String, String> headers, String key) {
        String[] parts = request.length > 1 ? request[1].split("\\?", 2) : new String[] {""};
        if (serverId == null || !parts[0].startsWith(PLACE)) {
            return "404 Not Found";
        }
        if (!"websocket".equalsIgnoreCase(headers.get("upgrade")) || key == null) {
            return "405 HTTP method GET is not supported by this URL";
        }
        String[] ids = parts[0].substring(PLACE.length()).split("/");
        if (ids.length < 3) {
            return "404 invalid path";
        }
        if (!ids[0].equals(serverId)) {
            warn.accept("Received request with a mismatching server ID (expected '" + serverId + "', received '" + ids[0] + "').");
            return "404 server ID mismatch";
        }
        if (!ids[1].equals(CONFERENCE)) {
            warn.accept("Received request for an nonexistent conference: " + ids[1]);
            return "403 authentication failed";
        }
        if (parts.length < 2 || !parts[1].equals(QUERY)) {
            return "403 authentication failed";
        }
        info.accept("Websocket connected: " + ids[2]);
        return "";
    }

    private static void answer(OutputStream out, String head) throws IOException {
        out.write(("HTTP/1.1 " + head).getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    /** Greets whoever greets, until the client closes. */
    private void talk(DataInputStream in, OutputStream out, String key) throws IOException {
        answer(out, "101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept(key) + "\r\n\r\n");
        while (true) {
            int opcode = in.readUnsignedByte() & 0x0F;
            byte[] payload = payload(in);
            if (opcode == TEXT && new String(payload, StandardCharsets.UTF_8).contains("\"ClientHello\"")) {
                send(out, TEXT, HELLO.getBytes(StandardCharsets.UTF_8));
            } else if (opcode == PING) {
                send(out, PONG, payload);
            } else if (opcode == CLOSE) {
                send(out, CLOSE, payload);
                return;
            }
        }
    }

    private static byte[] payload(DataInputStream in) throws IOException {
        int length = in.readUnsignedByte() & 0x7F;
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            throw new IOException("a longer frame than any client of the lab sends");
        }
        byte[] mask = in.readNBytes(4);
        byte[] payload = in.readNBytes(length);
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= mask[i % 4];
        }
        return payload;
    }

    private static void send(OutputStream out, int opcode, byte[] payload) throws IOException {
        out.write(0x80 | opcode);
        if (payload.length < 126) {
            out.write(payload.length);
        } else {
            out.write(new byte[] {126, (byte) (payload.length >> 8), (byte) payload.length});
        }
        out.write(payload);
        out.flush();
    }

    private static String accept(String key) throws IOException {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest((key + ACCEPTED).getBytes(StandardCharsets.ISO_8859_1));
            return Base64.getEncoder().encodeToString(digest);
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }
}
