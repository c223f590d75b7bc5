package standin.shared;

import java.io.IOException;

/** The server let nobody of that name and password in. */
final class SaslErrorException extends IOException {
    private static final long serialVersionUID = 1L;

    SaslErrorException(String condition) {
        super("SASLError using PLAIN: " + condition);
    }
}
