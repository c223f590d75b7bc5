package standin.bridge;

import com.typesafe.config.Config;
import java.time.Duration;

/** Which of the two generations of the real bridge this one plays; jvb.sh says it. */
enum Generation {
    YEAR_2020, CURRENT;

    static Generation fromSystemProperty() {
        return "2020".equals(System.getProperty("standin.generation")) ? YEAR_2020 : CURRENT;
    }

    boolean readsHocon() {
        return this == CURRENT;
    }

    /** ICE over TCP was removed in 2024. */
    boolean knowsTcpHarvester() {
        return this == YEAR_2020;
    }

    /** Since December 2023 failed STUN is unhealthy only with require-stun, and an address that the world can use is demanded. */
    boolean demandsValidAddress() {
        return this == CURRENT;
    }

    Duration healthInterval(Config config) {
        return this == CURRENT ? config.getDuration("videobridge.health.interval") : Duration.ofSeconds(10);
    }

    Duration healthTimeout(Config config) {
        return this == CURRENT ? config.getDuration("videobridge.health.timeout") : Duration.ofSeconds(30);
    }

    /** In 2020 nothing had been checked yet when the bridge started, and that was unhealthy; but the first check came at once. */
    boolean checksAtOnce() {
        return this == YEAR_2020;
    }

    /** As the log has it. */
    String shown(Harvester harvester) {
        return this == CURRENT ? harvester.toString() : "org.ice4j.ice.harvest.MappingCandidateHarvester, face=/"
            + harvester.face().getAddress().getHostAddress() + ", mask=/" + harvester.mask().getAddress().getHostAddress();
    }
}
