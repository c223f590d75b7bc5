package standin.bridge;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;

/** The media port. The real bridge answers only ICE checks that it expects; this one answers everybody, so that tests can see the way. */
final class UdpHarvester implements Runnable {
    private static final String WHERE = "SinglePortUdpHarvester";
    private final DatagramSocket socket;

    private UdpHarvester(DatagramSocket socket) {
        this.socket = socket;
    }

    /** Returns whether the port could be bound. */
    static boolean start(int port) {
        try {
            Thread thread = new Thread(new UdpHarvester(new DatagramSocket(port)), WHERE);
            thread.start();
            Log.info(WHERE, "Initialized SinglePortUdpHarvester with port " + port + "/udp");
            return true;
        } catch (IOException e) {
            Log.severe(WHERE, "Failed to bind single-port: " + port + "/udp: " + e.getMessage());
            return false;
        }
    }

    @Override
    public void run() {
        byte[] buffer = new byte[65535];
        while (true) {
            try {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                answer(packet);
            } catch (IOException e) {
                Log.warn(WHERE, "Datagram lost: " + e.getMessage());
            }
        }
    }

    private void answer(DatagramPacket packet) throws IOException {
        String peer = packet.getAddress().getHostAddress() + ":" + packet.getPort();
        String text = Text.printable(packet.getData(), packet.getLength());
        Log.info(WHERE, "datagram from " + peer + " length=" + packet.getLength() + " text=" + text);
        byte[] reply = ("bridge saw " + peer + " length=" + packet.getLength() + " text=" + text + "\n")
            .getBytes(StandardCharsets.UTF_8);
        socket.send(new DatagramPacket(reply, reply.length, packet.getSocketAddress()));
    }
}
