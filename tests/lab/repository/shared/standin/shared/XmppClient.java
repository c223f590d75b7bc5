package standin.shared;

import java.io.IOException;
import java.security.GeneralSecurityException;

/** Keeps a client logged in to an XMPP server: tries again as long as it takes, and hands over what comes. */
public final class XmppClient implements Runnable {
    /** After a connection that was good. */
    private static final int PAUSE = 1000;
    private final Account account;
    private final Listener listener;

    /** Who logs in where. The resource may be empty; the server then gives one. */
    public record Account(String host, int port, String domain, String user, String password, String resource) {
    }

    /** What happens to the connection, all of it on one thread. */
    public interface Listener {
        void connected();

        void loggedIn(XmppStream stream, String address) throws IOException;

        void received(XmppStream stream, Element stanza) throws IOException;

        /** Returns how many milliseconds to wait before the next attempt. */
        int failed(Exception cause);

        void lost(Exception cause);
    }

    private XmppClient(Account account, Listener listener) {
        this.account = account;
        this.listener = listener;
    }

    public static void start(String name, Account account, Listener listener) {
        Thread thread = new Thread(new XmppClient(account, listener), name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        while (true) {
            int pause = attempt();
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Returns how many milliseconds to wait before the next one. */
    private int attempt() {
        boolean in = false;
        try (XmppStream stream = new XmppStream(account.host(), account.port(), account.domain())) {
            stream.secure();
            listener.connected();
            String address = stream.logIn(account.user(), account.password(), account.resource());
            in = true;
            listener.loggedIn(stream, address);
            while (true) {
                listener.received(stream, stream.read());
            }
        } catch (IOException | GeneralSecurityException e) {
            if (!in) {
                return listener.failed(e);
            }
            listener.lost(e);
            return PAUSE;
        }
    }
}
