package standin.jicofo;

import java.io.IOException;
import java.util.Optional;
import standin.shared.HealthChecker;
import standin.shared.Log;
import standin.shared.XmppClient;

/** A stand-in for Jicofo: reads its configuration, watches the brewery and answers on its pages. It opens no rooms. */
public final class Main {
    /** The real one has its pages within a second; the earlier process, for which nobody waits, is gone by then. */
    private static final int START = 800;
    private static final String WHERE = "Main.main";

    private Main() {
    }

    public static void main(String[] arguments) throws InterruptedException {
        Log.call("Jicofo");
        try {
            run(new Settings(arguments));
        } catch (IOException e) {
            // As the real one where its port is taken: it ends, and says to nobody but the log that it failed.
            Log.severe(WHERE, "Failed to start jicofo: " + e, e);
            System.exit(0);
        } catch (RuntimeException e) {
            Log.severe(WHERE, "An uncaught exception occurred in thread=" + Thread.currentThread(), e);
            System.exit(1);
        }
    }

    private static void run(Settings settings) throws IOException, InterruptedException {
        Log.info(WHERE, "Starting.");
        BridgeSelector selector = new BridgeSelector(settings.text("bridge.selection-strategy"));
        JvbDoctor doctor = new JvbDoctor(selector);
        if (settings.checksBridges()) {
            doctor.start(settings.duration("bridge.health-checks.interval"));
        }
        Optional<Brewery> brewery = watch(settings, selector, doctor);
        Thread.sleep(START);
        if (settings.isOld()) {
            Server.startOld(settings.number("rest.port"), selector, () -> brewery.filter(Brewery::isRegistered).isPresent());
        } else if (settings.isServer()) {
            Log.info("Application.start", "Starting ktor on port " + settings.number("rest.port") + ", host " + settings.text("rest.host"));
            new Server(selector, brewery, health(settings, selector)).start(settings.text("rest.host"), settings.number("rest.port"));
        }
        Thread.currentThread().join();
    }

    private static Optional<Brewery> watch(Settings settings, BridgeSelector selector, JvbDoctor doctor) {
        Optional<XmppClient.Account> account = settings.account();
        if (account.isEmpty() || settings.brewery().isEmpty()) {
            Log.severe("JicofoServices.<init>", "No bridge detector configured.");
            return Optional.empty();
        }
        Brewery brewery = new Brewery(settings.brewery().get(), account.get().user(), settings.duration("xmpp.client.reply-timeout"), selector, doctor);
        XmppClient.start("XmppProvider", account.get(), brewery);
        return Optional.of(brewery);
    }

    /** Null where nobody asked for it, which is the default. */
    private static HealthChecker health(Settings settings, BridgeSelector selector) {
        if (!settings.showsHealth()) {
            return null;
        }
        HealthChecker health = new HealthChecker(settings.duration("health.interval"), settings.duration("health.timeout"),
            () -> selector.operational() > 0 ? Optional.empty()
                : Optional.of("No operational bridges available (total bridge count: " + selector.all().size() + ")"));
        health.start(false);
        return health;
    }
}
