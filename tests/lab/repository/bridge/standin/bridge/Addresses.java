package standin.bridge;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import standin.shared.Log;

/** Questions about IP addresses. */
final class Addresses {
    private Addresses() {
    }

    static boolean isPublic(InetAddress address) {
        return !address.isSiteLocalAddress() && !address.isLinkLocalAddress() && !address.isLoopbackAddress();
    }

    /** The machine's own addresses, but for those that lead nowhere else. */
    static List<InetAddress> local() {
        List<InetAddress> result = new ArrayList<>();
        try {
            for (NetworkInterface link : NetworkInterface.networkInterfaces().toList()) {
                link.inetAddresses().filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress()).forEach(result::add);
            }
        } catch (SocketException e) {
            Log.warn("HostCandidateHarvester", "No network interfaces: " + e.getMessage());
        }
        return result;
    }

    /** As ice4j's log has them: 192.168.122.120:10000/udp. */
    static String shown(InetSocketAddress address) {
        String host = address.isUnresolved() ? address.getHostString() : address.getAddress().getHostAddress();
        return host + ":" + address.getPort() + "/udp";
    }
}
