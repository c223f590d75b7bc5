package standin.shared;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;

/** Writes lines of the form of Jitsi's own log to standard output, which the services lead into their log files. */
public final class Log {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS");
    private static volatile String program = "JVB";

    private Log() {
    }

    /** From now on each line begins with this name. */
    public static void call(String name) {
        program = name;
    }

    public static void info(String where, String text) {
        write("INFO", where, text);
    }

    public static void warn(String where, String text) {
        write("WARNING", where, text);
    }

    public static void warn(String where, String text, Throwable cause) {
        write("WARNING", where, text + "\n" + trace(cause));
    }

    public static void severe(String where, String text) {
        write("SEVERE", where, text);
    }

    public static void severe(String where, String text, Throwable cause) {
        write("SEVERE", where, text + "\n" + trace(cause));
    }

    private static String trace(Throwable cause) {
        StringWriter text = new StringWriter();
        cause.printStackTrace(new PrintWriter(text, true));
        return text.toString().stripTrailing();
    }

    private static synchronized void write(String level, String where, String text) {
        System.out.println(program + " " + LocalDateTime.now().format(TIME) + " " + level + ": ["
            + Thread.currentThread().getId() + "] " + where + ": " + text);
    }
}
