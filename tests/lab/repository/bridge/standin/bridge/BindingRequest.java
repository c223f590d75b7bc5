package standin.bridge;

import java.net.DatagramPacket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/** A binding request of RFC 8489 that names its user, as those of ICE do. */
record BindingRequest(byte[] transaction, String user) {
    private static final int COOKIE = 0x2112a442;
    private static final int HEADER = 20;
    private static final short REQUEST = 0x0001;
    private static final short RESPONSE = 0x0101;
    private static final short USERNAME = 0x0006;
    private static final short XOR_MAPPED = 0x0020;
    private static final byte IPV4 = 1;
    private static final short IPV4_LENGTH = 8;

    static Optional<BindingRequest> in(DatagramPacket packet) {
        ByteBuffer text = ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
        if (text.remaining() < HEADER || text.getShort() != REQUEST || text.getShort() < 0 || text.getInt() != COOKIE) {
            return Optional.empty();
        }
        byte[] transaction = new byte[12];
        text.get(transaction);
        while (text.remaining() >= 4) {
            short type = text.getShort();
            int length = text.getShort() & 0xffff;
            if (type == USERNAME && length <= text.remaining()) {
                byte[] user = new byte[length];
                text.get(user);
                return Optional.of(new BindingRequest(transaction, Text.printable(user, length).split(":", 2)[0]));
            }
            text.position(Math.min(text.limit(), text.position() + (length + 3) / 4 * 4));
        }
        return Optional.empty();
    }

    /** The response that says which IPv4 address the request came from. */
    byte[] answer(InetAddress address, int port) {
        int own = ByteBuffer.wrap(address.getAddress()).getInt();
        return ByteBuffer.allocate(HEADER + 4 + IPV4_LENGTH).putShort(RESPONSE).putShort((short) (4 + IPV4_LENGTH)).putInt(COOKIE).put(transaction)
            .putShort(XOR_MAPPED).putShort(IPV4_LENGTH).put((byte) 0).put(IPV4).putShort((short) (port ^ COOKIE >>> 16)).putInt(own ^ COOKIE).array();
    }
}
