package standin.bridge;

import java.nio.charset.StandardCharsets;

/** Makes what strangers send fit for a log. */
final class Text {
    private static final int LONGEST = 80;

    private Text() {
    }

    static String printable(byte[] data, int length) {
        String text = new String(data, 0, Math.min(length, LONGEST), StandardCharsets.ISO_8859_1);
        return text.stripTrailing().replaceAll("[^\\x20-\\x7e]", ".");
    }
}
