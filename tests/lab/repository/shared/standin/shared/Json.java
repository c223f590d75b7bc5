package standin.shared;

/** Texts as JSON wants them. */
public final class Json {
    private Json() {
    }

    public static String quote(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }
}
