package standin.shared;

/** The version of the package, which the start script hands over, as the programs themselves show it. */
public final class Version {
    private Version() {
    }

    /** 2.3-300-g0123abcd-1 is 2.3.300-g0123abcd. */
    public static String own() {
        return System.getProperty("standin.version", "unknown").replaceFirst("-[0-9]+$", "").replaceFirst("-", ".");
    }

    /** What /about/version answers. */
    public static String json(String name) {
        return "{\"name\":" + Json.quote(name) + ",\"version\":" + Json.quote(own()) + ",\"os\":\"Linux\"}";
    }
}
