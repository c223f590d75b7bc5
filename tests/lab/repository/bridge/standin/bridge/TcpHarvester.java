package standin.bridge;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import standin.shared.LegacyProperties;
import standin.shared.Log;

/** ICE over TCP, which only the 2020 generation has, and there only if somebody switches it on. */
final class TcpHarvester implements Runnable {
    private static final String WHERE = "TcpHarvester";
    private static final int DEFAULT_PORT = 443;
    private static final int FALLBACK_PORT = 4443;
    private final ServerSocket server;

    private TcpHarvester(ServerSocket server) {
        this.server = server;
    }

    static void start(LegacyProperties legacy) {
        if (legacy.getBoolean("org.jitsi.videobridge.DISABLE_TCP_HARVESTER", true)) {
            Log.info(WHERE, "TCP harvester is disabled");
            return;
        }
        List<Integer> ports = legacy.get("org.jitsi.videobridge.TCP_HARVESTER_PORT")
            .map(port -> List.of(Integer.parseInt(port)))
            .orElse(List.of(DEFAULT_PORT, FALLBACK_PORT));
        for (int port : ports) {
            try {
                new Thread(new TcpHarvester(new ServerSocket(port)), WHERE).start();
                Log.info(WHERE, "Initialized TCP harvester on port " + port + "/tcp");
                return;
            } catch (IOException e) {
                Log.warn(WHERE, "Failed to initialize TCP harvester on port " + port + ": " + e.getMessage());
            }
        }
    }

    @Override
    public void run() {
        while (true) {
            try (Socket client = server.accept()) {
                String peer = client.getInetAddress().getHostAddress() + ":" + client.getPort();
                Log.info(WHERE, "connection from " + peer);
                client.getOutputStream().write(("bridge saw " + peer + "\n").getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                Log.warn(WHERE, "Connection lost: " + e.getMessage());
            }
        }
    }
}
