package standin.bridge;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.util.Optional;
import standin.shared.Log;

/** One socket of the media port. The real bridge answers the participants of its conferences; this one answers everybody, so that tests can see the way. */
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
                Optional<BindingRequest> request = BindingRequest.in(packet);
                if (request.isPresent()) {
                    answer(request.get(), packet);
                }
            } catch (IOException e) {
                Log.warn(WHERE, "Request lost: " + e.getMessage());
            }
        }
    }

    private void answer(BindingRequest request, DatagramPacket packet) throws IOException {
        String peer = packet.getAddress().getHostAddress() + ":" + packet.getPort();
        Log.info(WHERE, "request from " + peer + " user=" + request.user());
        byte[] answer = request.answer(packet.getAddress(), packet.getPort());
        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
    }
}
