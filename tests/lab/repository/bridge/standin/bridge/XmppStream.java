package standin.bridge;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** A client's XML stream to an XMPP server: as much of RFC 6120 as it takes to log in, without an XML parser. */
final class XmppStream implements AutoCloseable {
    private static final int SECONDS = 20;
    private final String domain;
    private Socket socket;

    XmppStream(String host, int port, String domain) throws IOException {
        this.domain = domain;
        socket = new Socket();
        socket.connect(new InetSocketAddress(host, port), SECONDS * 1000);
        socket.setSoTimeout(SECONDS * 1000);
        open();
    }

    /** Opens the stream, anew after each step as the protocol wants it, and returns the server's features. */
    String open() throws IOException {
        send("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='" + domain + "'>");
        return await("</stream:features>", "</stream:error>", "<stream:features/>");
    }

    /** From here on in TLS, with a certificate of the domain from an authority in Java's own trust store. */
    void secure() throws IOException, GeneralSecurityException {
        ask("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "<proceed");
        // The real bridge reads the trust store once, when it starts.
        SSLSocket secured = (SSLSocket) SSLContext.getDefault().getSocketFactory().createSocket(socket, domain, socket.getPort(), true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        socket = secured;
        open();
    }

    /** Sends a stanza and waits for an answer that has a text in it. */
    String ask(String stanza, String wanted) throws IOException {
        send(stanza);
        String answer = await(wanted, "<failure", "type='error'", "</stream:error>");
        if (!answer.contains(wanted)) {
            throw new IOException("the server refused: " + answer);
        }
        return answer;
    }

    /** Reads until the server ends the stream. */
    void idle() throws IOException {
        socket.setSoTimeout(0);
        await("</stream:stream>");
    }

    private void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }

    /** Byte by byte, for what follows a text may belong to TLS already. */
    private String await(String... wanted) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (true) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                throw new EOFException("the server closed the connection after: " + bytes.toString(StandardCharsets.UTF_8));
            }
            bytes.write(next);
            if (next != '>') {
                continue;
            }
            String text = bytes.toString(StandardCharsets.UTF_8);
            for (String one : wanted) {
                if (text.contains(one)) {
                    return text;
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
