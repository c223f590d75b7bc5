package standin.bridge;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** Questions about IP addresses, answered without asking a name server. */
final class Addresses {
    private Addresses() {
    }

    /** Only what consists of digits and dots, or holds a colon, can be given to InetAddress without a lookup. */
    static boolean isLiteral(String text) {
        if (!text.matches("[0-9]+(\\.[0-9]+){3}") && !text.matches("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) {
            return false;
        }
        try {
            InetAddress.getByName(text);
            return true;
        } catch (UnknownHostException e) {
            return false;
        }
    }

    static boolean isPublic(InetAddress address) {
        return !address.isSiteLocalAddress() && !address.isLinkLocalAddress() && !address.isLoopbackAddress();
    }

    static boolean isPublic(String literal) {
        try {
            return isPublic(InetAddress.getByName(literal));
        } catch (UnknownHostException e) {
            return false;
        }
    }

    static List<InetAddress> local() {
        List<InetAddress> result = new ArrayList<>();
        try {
            for (NetworkInterface link : NetworkInterface.networkInterfaces().toList()) {
                link.inetAddresses().filter(address -> !address.isLoopbackAddress()).forEach(result::add);
            }
        } catch (SocketException e) {
            Log.warn("Addresses", "No network interfaces: " + e.getMessage());
        }
        return result;
    }
}
