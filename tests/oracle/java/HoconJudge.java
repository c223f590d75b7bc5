// SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
// SPDX-License-Identifier: GPL-3.0-or-later

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Reads frames from stdin (a length of four bytes, then the data) and answers each with a frame.
 * A question is a HOCON file in UTF-8. An include statement brings the text that stands in the place of the file's name.
 * An answer is one byte, 1 if Lightbend's library refused to parse the file, 2 if a substitution cannot be resolved,
 * else 0 and then the values as JSON in ASCII.
 */
public class HoconJudge implements ConfigIncluder {
    private static final ConfigParseOptions PARSE = ConfigParseOptions.defaults().setIncluder(new HoconJudge());
    private static final ConfigResolveOptions RESOLVE =
            ConfigResolveOptions.defaults().setUseSystemEnvironment(false);

    public static void main(String[] arguments) throws IOException {
        DataInputStream questions = new DataInputStream(new BufferedInputStream(System.in));
        DataOutputStream answers = new DataOutputStream(new BufferedOutputStream(System.out));
        try {
            while (true) {
                byte[] question = new byte[questions.readInt()];
                questions.readFully(question);
                byte[] answer = answer(question).getBytes(StandardCharsets.US_ASCII);
                answers.writeInt(answer.length);
                answers.write(answer);
                answers.flush();
            }
        } catch (EOFException over) {
            return;
        }
    }

    private static String answer(byte[] file) {
        Config config;
        try {
            config = ConfigFactory.parseReader(
                    new InputStreamReader(new ByteArrayInputStream(file), StandardCharsets.UTF_8), PARSE);
        } catch (RuntimeException | StackOverflowError refused) {
            return "\1";
        }
        StringBuilder json = new StringBuilder("\0");
        try {
            write(json, config.resolve(RESOLVE).root().unwrapped());
        } catch (RuntimeException | StackOverflowError unresolved) {
            return "\2";
        }
        return json.toString();
    }

    private static void write(StringBuilder json, Object value) {
        if (value instanceof Map) {
            String separator = "{";
            for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                json.append(separator);
                write(json, entry.getKey());
                json.append(':');
                write(json, entry.getValue());
                separator = ",";
            }
            json.append(separator.equals("{") ? "{}" : "}");
        } else if (value instanceof List) {
            String separator = "[";
            for (Object item : (List<?>) value) {
                json.append(separator);
                write(json, item);
                separator = ",";
            }
            json.append(separator.equals("[") ? "[]" : "]");
        } else if (value instanceof String) {
            json.append('"');
            for (char unit : ((String) value).toCharArray()) {
                json.append(String.format("\\u%04x", (int) unit));
            }
            json.append('"');
        } else {
            json.append(value);
        }
    }

    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
        return this;
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
        return ConfigFactory.parseString(what, PARSE).root();
    }
}
