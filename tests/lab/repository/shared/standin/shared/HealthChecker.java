package standin.shared;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Checks health now and then; in between the last result is all there is, and it begins as good. */
public final class HealthChecker {
    private static final String WHERE = "HealthChecker.";
    private final Supplier<Optional<String>> check;
    private final Duration interval;
    private final Duration timeout;
    private volatile Optional<String> complaint = Optional.empty();
    private volatile long lastChecked = System.nanoTime();

    public HealthChecker(Duration interval, Duration timeout, Supplier<Optional<String>> check) {
        this.interval = interval;
        this.timeout = timeout;
        this.check = check;
    }

    /** The first check comes at once, or after the first interval, as long as which all is well. */
    public void start(boolean atOnce) {
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "HealthChecker");
            thread.setDaemon(true);
            return thread;
        });
        executor.scheduleAtFixedRate(this::run, atOnce ? 0 : interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
        Log.info(WHERE + "start", "Started with interval=" + interval.toMillis() + ", timeout=" + timeout
            + ", maxDuration=PT3S, stickyFailures=false.");
    }

    private void run() {
        Optional<String> before = complaint;
        complaint = check.get();
        lastChecked = System.nanoTime();
        if (complaint.isPresent()) {
            Log.severe(WHERE + "run", "Health check failed in PT0S: Result(success=false, hardFailure=true, responseCode=null, "
                + "sticky=false, message=" + complaint.get() + ")");
        } else if (before.isPresent()) {
            Log.info(WHERE + "run", "Performed a successful health check in PT0S. Sticky failure: false");
        }
    }

    /** What the last check complained of. */
    public Optional<String> complaint() {
        Duration age = Duration.ofNanos(System.nanoTime() - lastChecked);
        if (age.compareTo(timeout) > 0) {
            return Optional.of("No health checks performed recently, the last result was " + age + " ago.");
        }
        return complaint;
    }

    /** The last result as the pages for debugging show it. */
    public String json() {
        Optional<String> now = complaint();
        return "{\"success\":" + now.isEmpty() + ",\"hardFailure\":true,\"responseCode\":null,\"sticky\":false,\"message\":"
            + now.map(Json::quote).orElse("null") + "}";
    }
}
