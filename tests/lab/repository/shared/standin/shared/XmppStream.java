package standin.shared;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** A client's XML stream to an XMPP server: as much of RFC 6120 as it takes to log in and to read stanzas. */
public final class XmppStream implements AutoCloseable {
    private static final int SECONDS = 20;
    private static final XMLInputFactory FACTORY = factory();
    private final String domain;
    private Socket socket;
    private XMLStreamReader reader;

    XmppStream(String host, int port, String domain) throws IOException {
        this.domain = domain;
        socket = new Socket();
        socket.connect(new InetSocketAddress(host, port), SECONDS * 1000);
        socket.setSoTimeout(SECONDS * 1000);
        open();
    }

    private static XMLInputFactory factory() {
        XMLInputFactory result = XMLInputFactory.newInstance();
        result.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        result.setProperty(XMLInputFactory.IS_COALESCING, true);
        return result;
    }

    /** Opens the stream, anew after each step as the protocol wants it, and reads the server's features. */
    private void open() throws IOException {
        send("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='" + domain + "'>");
        try {
            reader = FACTORY.createXMLStreamReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            while (reader.next() != XMLStreamConstants.START_ELEMENT) {
                continue;
            }
        } catch (XMLStreamException e) {
            throw unreadable(e);
        }
        Element features = read();
        if (!features.name().equals("features")) {
            throw new IOException("the server refused the stream: " + features);
        }
    }

    /** From here on in TLS, with a certificate of the domain from an authority in Java's own trust store. */
    void secure() throws IOException, GeneralSecurityException {
        ask("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", answer -> answer.name().equals("proceed"));
        // The real programs read the trust store once, when they start.
        SSLSocket secured = (SSLSocket) SSLContext.getDefault().getSocketFactory().createSocket(socket, domain, socket.getPort(), true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        socket = secured;
        open();
    }

    /** Logs in and returns the address that the server gave. */
    String logIn(String user, String password, String resource) throws IOException {
        String plain = "\0" + user + "\0" + password;
        String encoded = Base64.getEncoder().encodeToString(plain.getBytes(StandardCharsets.UTF_8));
        send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + encoded + "</auth>");
        Element answer = read();
        if (!answer.name().equals("success")) {
            throw new SaslErrorException(answer.children().isEmpty() ? answer.name() : answer.children().get(0).name());
        }
        open();
        String wanted = resource.isEmpty() ? "" : "<resource>" + resource + "</resource>";
        String bind = "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>" + wanted + "</bind></iq>";
        Element bound = ask(bind, stanza -> stanza.attribute("id").equals("bind"));
        // What comes from here on may take as long as it likes.
        socket.setSoTimeout(0);
        return bound.children().get(0).children().get(0).text();
    }

    /** Sends a stanza and waits for its answer; an error in its place is an exception. */
    private Element ask(String stanza, Predicate<Element> isAnswer) throws IOException {
        send(stanza);
        Element answer = read();
        if (!isAnswer.test(answer) || answer.attribute("type").equals("error")) {
            throw new IOException("the server refused: " + answer);
        }
        return answer;
    }

    public synchronized void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }

    /** Waits for the next stanza. */
    Element read() throws IOException {
        try {
            while (reader.hasNext()) {
                int event = reader.next();
                if (event == XMLStreamConstants.START_ELEMENT) {
                    return Element.read(reader);
                }
                if (event == XMLStreamConstants.END_ELEMENT) {
                    break;
                }
            }
            throw new EOFException("the server ended the stream");
        } catch (XMLStreamException e) {
            throw unreadable(e);
        }
    }

    /** A parser wraps what the socket throws. */
    private static IOException unreadable(XMLStreamException e) {
        return e.getNestedException() instanceof IOException cause ? cause : new EOFException("the stream broke off: " + e.getMessage());
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
