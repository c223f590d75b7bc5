package standin.bridge;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.util.ArrayList;
import java.util.List;
import standin.shared.Log;

/** The media port on each of the machine's addresses, several sockets on each, among which the kernel shares out what comes. */
final class UdpHarvesters {
    private static final String WHERE = "SinglePortUdpHarvester.";
    private final List<InetAddress> addresses = new ArrayList<>();

    UdpHarvesters(int port, int poolSize) {
        for (InetAddress address : Addresses.local()) {
            InetSocketAddress place = new InetSocketAddress(address, port);
            try {
                open(place, poolSize).forEach(socket -> new Thread(new Echo(socket), "SinglePortUdpHarvester").start());
                addresses.add(address);
                Log.info("AbstractUdpListener.<init>", "Initialized AbstractUdpListener with address " + Addresses.shown(place));
                Log.info(WHERE + "<init>", "Initialized SinglePortUdpHarvester with address " + Addresses.shown(place));
            } catch (IOException e) {
                Log.info(WHERE + "createHarvesters", "Failed to create SinglePortUdpHarvester for address " + Addresses.shown(place) + ": " + e);
            }
        }
        if (addresses.isEmpty()) {
            Log.warn("Harvesters", "No single-port harvesters created.");
        }
    }

    private static List<DatagramSocket> open(InetSocketAddress place, int poolSize) throws IOException {
        List<DatagramSocket> sockets = new ArrayList<>();
        int wanted = poolSize == 0 ? Runtime.getRuntime().availableProcessors() : poolSize;
        for (int i = 0; i < wanted; i++) {
            DatagramSocket socket = new DatagramSocket(null);
            socket.setOption(StandardSocketOptions.SO_REUSEPORT, wanted > 1);
            socket.bind(place);
            sockets.add(socket);
        }
        return sockets;
    }

    /** Those on which the port could be bound. */
    List<InetAddress> addresses() {
        return addresses;
    }
}
