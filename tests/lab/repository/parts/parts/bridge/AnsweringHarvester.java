package parts.bridge;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.ice4j.Transport;
import org.ice4j.TransportAddress;
import org.ice4j.ice.harvest.AbstractUdpListener;
import org.ice4j.ice.harvest.SinglePortUdpHarvester;
import org.ice4j.message.Message;
import org.ice4j.message.MessageFactory;
import org.ice4j.message.Request;
import org.ice4j.StunException;
import org.ice4j.util.Buffer;
import org.jitsi.utils.logging2.Logger;
import org.jitsi.utils.logging2.LoggerImpl;

/** ice4j's media port. It answers the STUN requests of participants whom no conference knows, too, so that tests can see the way. */
final class AnsweringHarvester extends SinglePortUdpHarvester {
    private static final Logger LOGGER = new LoggerImpl(AnsweringHarvester.class.getName());

    private AnsweringHarvester(TransportAddress address) throws IOException {
        super(address);
    }

    /** One for each of the machine's addresses on which the port is free. */
    static List<AnsweringHarvester> create(int port) {
        List<AnsweringHarvester> result = new ArrayList<>();
        for (TransportAddress address : AbstractUdpListener.getAllowedAddresses(port)) {
            try {
                result.add(new AnsweringHarvester(address));
            } catch (IOException e) {
                LOGGER.info("Failed to create SinglePortUdpHarvester for address " + address + ": " + e);
            }
        }
        return result;
    }

    @Override
    protected MySocket maybeAcceptNewSession(Buffer request, InetSocketAddress from, String user) {
        LOGGER.info("request from " + from.getAddress().getHostAddress() + ":" + from.getPort() + " user=" + user);
        try (MySocket socket = addSocket(from, user, buffer -> { })) {
            byte[] answer = answer(request, from);
            socket.send(new DatagramPacket(answer, answer.length, from));
        } catch (IOException | StunException e) {
            LOGGER.warn("Request lost: " + e);
        }
        return null;
    }

    private static byte[] answer(Buffer buffer, InetSocketAddress from) throws StunException {
        Request request = (Request) Message.decode(buffer.getBuffer(), buffer.getOffset(), buffer.getLength());
        var answer = MessageFactory.createBindingResponse(request, new TransportAddress(from, Transport.UDP));
        answer.setTransactionID(request.getTransactionID());
        return answer.encode(null);
    }
}
