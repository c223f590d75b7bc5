package standin.bridge;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;

/** Writes each line to standard output, for the journal, and to the bridge's own log file. */
final class Log {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS");
    private static PrintStream file;

    private Log() {
    }

    static void open(String path) {
        try {
            file = new PrintStream(new FileOutputStream(path, true), true, StandardCharsets.UTF_8);
        } catch (IOException e) {
            warn("Log", "No log file: " + e.getMessage());
        }
    }

    static void info(String where, String text) {
        write("INFO", where, text);
    }

    static void warn(String where, String text) {
        write("WARNING", where, text);
    }

    static void severe(String where, String text) {
        write("SEVERE", where, text);
    }

    private static synchronized void write(String level, String where, String text) {
        String line = "JVB " + LocalDateTime.now().format(TIME) + " " + level + ": [" + Thread.currentThread().getId() + "] "
            + where + ": " + text;
        System.out.println(line);
        if (file != null) {
            file.println(line);
        }
    }
}
