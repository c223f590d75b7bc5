package standin.bridge;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Map;

/** Logs in to one XMPP server and joins the brewery, where jicofo finds its bridges; tries again as long as it takes. */
final class XmppConnection implements Runnable {
    private static final String WHERE = "MucClient";
    private static final int PAUSE = 2000;
    private final String id;
    private final Map<String, String> entry;

    private XmppConnection(String id, Map<String, String> entry) {
        this.id = id;
        this.entry = entry;
    }

    static void start(String id, Map<String, String> entry) {
        Thread thread = new Thread(new XmppConnection(id, entry), WHERE + "-" + id);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        String host = entry.get("HOSTNAME");
        String domain = entry.getOrDefault("DOMAIN", host);
        int port = Integer.parseInt(entry.getOrDefault("PORT", "5222"));
        while (true) {
            try (XmppStream stream = new XmppStream(host, port, domain)) {
                stream.secure();
                logIn(stream);
                stream.idle();
                Log.warn(WHERE, "[id=" + id + "] The server ended the stream");
            } catch (IOException | GeneralSecurityException e) {
                Log.warn(WHERE, "[id=" + id + "] Failed to connect and login to " + host + ":" + port + ": " + e);
            }
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void logIn(XmppStream stream) throws IOException {
        String plain = "\0" + entry.get("USERNAME") + "\0" + entry.get("PASSWORD");
        String encoded = Base64.getEncoder().encodeToString(plain.getBytes(StandardCharsets.UTF_8));
        stream.ask("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + encoded + "</auth>", "<success");
        stream.open();
        stream.ask("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", "<jid>");
        Log.info(WHERE, "[id=" + id + " hostname=" + entry.get("HOSTNAME") + "] Connected and logged in, certificate verified");
        for (String room : entry.get("MUC_JIDS").split(",")) {
            String occupant = room.trim() + "/" + entry.get("MUC_NICKNAME");
            stream.ask("<presence to='" + occupant + "'><x xmlns='http://jabber.org/protocol/muc'/></presence>", "code='110'");
            Log.info(WHERE, "[id=" + id + "] Joined MUC: " + occupant);
        }
    }
}
