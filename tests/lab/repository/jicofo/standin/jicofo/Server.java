package standin.jicofo;

import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import standin.shared.HealthChecker;
import standin.shared.Json;
import standin.shared.Pages;
import standin.shared.Pages.Answer;
import standin.shared.Version;

/** Jicofo's pages, for the machine itself and for nginx. */
final class Server {
    private final BridgeSelector selector;
    private final Optional<Brewery> brewery;
    private final HealthChecker health;

    /** Without a checker there is no page of health. */
    Server(BridgeSelector selector, Optional<Brewery> brewery, HealthChecker health) {
        this.selector = selector;
        this.brewery = brewery;
        this.health = health;
    }

    void start(String host, int port) throws IOException {
        Pages pages = new Pages()
            .add("/about/version", () -> Answer.json(Version.json("JiCoFo")))
            .add("/metrics", () -> Answer.metrics(metrics()))
            .add("/stats", () -> Answer.json(statistics()))
            .add("/rtcstats", () -> Answer.json("{}"))
            .add("/debug", () -> Answer.json(debug()))
            .add("/conference-request/v1", () -> Answer.plain(405, ""));
        if (health != null) {
            pages.add("/about/health", this::health);
        }
        pages.start(host, port);
    }

    /** That of 2020, for everybody; whether it is logged in is all that counts as health. */
    static void startOld(int port, BridgeSelector selector, BooleanSupplier isRegistered) throws IOException {
        new Pages()
            .add("/about/health", () -> new Answer(isRegistered.getAsBoolean() ? 200 : 500, "application/json", "{}"))
            .add("/about/version", () -> Answer.json(Version.json("JiCoFo")))
            .add("/stats", () -> Answer.json(selector.statistics()))
            .start("0.0.0.0", port);
    }

    private Answer health() {
        Optional<String> complaint = health.complaint();
        return Answer.plain(complaint.isPresent() ? 500 : 200, complaint.orElse("OK"));
    }

    private String statistics() {
        String own = health == null ? "" : ",\"healthy\":" + health.complaint().isEmpty() + ",\"health\":" + health.json();
        return "{\"conferences\":0,\"participants\":0,\"bridge_selector\":" + selector.statistics() + ",\"jigasi\":{},\"jingle\":{},\"threads\":"
            + Thread.activeCount() + ",\"version\":" + Json.quote(Version.own()) + own + "}";
    }

    /** What it has learnt of the server, which it does once it has logged in, is the text null before. */
    private String debug() {
        boolean knows = brewery.filter(Brewery::wasRegistered).isPresent();
        String moderation = knows ? "avmoderation." + brewery.get().site() : "null";
        String breakout = knows ? "breakout." + brewery.get().site() : "null";
        return "{\"focus_manager\":{\"conferences\":{}},\"bridge_selector\":" + selector.debug() + ",\"jibri_detector\":null,"
            + "\"sip_jibri_detector\":null,\"jigasi_detector\":null,\"av_moderation\":{\"address\":" + Json.quote(moderation)
            + "},\"conference_iq_handler\":{\"breakout_address\":" + Json.quote(breakout) + "}}";
    }

    private String metrics() {
        String selected = "bridge_selector_";
        String own = health == null ? "" : gauge("healthy", health.complaint().isEmpty() ? 1 : 0);
        return gauge(selected + "bridge_count", selector.all().size()) + gauge(selected + "bridge_count_operational", selector.operational())
            + counter(selected + "lost_bridges", selector.lost()) + counter("xmpp_disconnects", brewery.map(Brewery::losses).orElse(0)) + own;
    }

    private static String gauge(String name, double value) {
        return "# TYPE jitsi_jicofo_" + name + " gauge\njitsi_jicofo_" + name + " " + value + "\n";
    }

    private static String counter(String name, double value) {
        return "# TYPE jitsi_jicofo_" + name + " counter\njitsi_jicofo_" + name + "_total " + value + "\n";
    }
}
