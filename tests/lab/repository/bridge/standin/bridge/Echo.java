package standin.bridge;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;
import standin.shared.Log;

/** One socket of the media port. The real bridge answers only ICE checks that it expects; this one answers everybody, so that tests can see the way. */
final class Echo implements Runnable {
    private static final String WHERE = "SinglePortUdpHarvester";
    private final DatagramSocket socket;

    Echo(DatagramSocket socket) {
        this.socket = socket;
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
