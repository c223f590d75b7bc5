package standin.bridge;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import standin.shared.Log;

/** A binding request of RFC 8489 to one server, sent again and again at ice4j's intervals until it is answered. */
record StunQuestion(InetSocketAddress from, InetSocketAddress server) {
    private static final String WHERE = "StunMappingCandidateHarvester.discover";
    private static final int COOKIE = 0x2112a442;
    private static final short REQUEST = 0x0001;
    private static final short RESPONSE = 0x0101;
    private static final short MAPPED = 0x0001;
    private static final short XOR_MAPPED = 0x0020;
    private static final int HEADER = 20;
    private static final int IPV4_LENGTH = 8;
    private static final int[] WAITS = {100, 200, 400, 800, 1600, 1600, 1600};

    /** The harvester of what the server saw, or null. */
    Harvester ask() {
        try (DatagramSocket socket = new DatagramSocket(from)) {
            if (server.isUnresolved()) {
                throw new UnknownHostException(server.getHostString());
            }
            InetSocketAddress local = new InetSocketAddress(from.getAddress(), socket.getLocalPort());
            InetSocketAddress seen = exchange(socket);
            if (seen == null) {
                return null;
            }
            Log.info(WHERE, "Discovered public address " + Addresses.shown(seen) + " from STUN server " + Addresses.shown(server)
                + " using local address " + Addresses.shown(local));
            return new Harvester("StunMappingCandidateHarvester", local, seen);
        } catch (IOException e) {
            Log.info(WHERE, "We failed to obtain addresses for the following reason: " + e);
            return null;
        }
    }

    private InetSocketAddress exchange(DatagramSocket socket) throws IOException {
        byte[] transaction = new byte[12];
        ThreadLocalRandom.current().nextBytes(transaction);
        byte[] request = ByteBuffer.allocate(HEADER).putShort(REQUEST).putShort((short) 0).putInt(COOKIE).put(transaction).array();
        for (int wait : WAITS) {
            socket.send(new DatagramPacket(request, request.length, server));
            socket.setSoTimeout(wait);
            DatagramPacket packet = new DatagramPacket(new byte[1500], 1500);
            try {
                socket.receive(packet);
            } catch (SocketTimeoutException e) {
                continue;
            }
            InetSocketAddress seen = mapped(ByteBuffer.wrap(packet.getData(), 0, packet.getLength()), transaction);
            if (seen != null) {
                return seen;
            }
        }
        return null;
    }

    /** The address in a response to this very request. */
    private static InetSocketAddress mapped(ByteBuffer answer, byte[] transaction) throws IOException {
        if (answer.remaining() < HEADER || answer.getShort() != RESPONSE) {
            return null;
        }
        answer.position(8);
        byte[] own = new byte[transaction.length];
        answer.get(own);
        if (!Arrays.equals(own, transaction)) {
            return null;
        }
        while (answer.remaining() >= 4) {
            short type = answer.getShort();
            int length = answer.getShort() & 0xffff;
            if ((type == MAPPED || type == XOR_MAPPED) && length == IPV4_LENGTH && answer.remaining() >= length) {
                return address(answer, type == XOR_MAPPED ? COOKIE : 0);
            }
            answer.position(Math.min(answer.limit(), answer.position() + (length + 3) / 4 * 4));
        }
        return null;
    }

    private static InetSocketAddress address(ByteBuffer value, int mask) throws IOException {
        value.getShort();
        int port = (value.getShort() ^ mask >>> 16) & 0xffff;
        byte[] bytes = ByteBuffer.allocate(4).putInt(value.getInt() ^ mask).array();
        return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
    }
}
