package standin.bridge;

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
}
