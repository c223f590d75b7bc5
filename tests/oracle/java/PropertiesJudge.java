// SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
// SPDX-License-Identifier: GPL-3.0-or-later

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;

/**
 * Reads frames from stdin (a length of four bytes, then the data) and answers each with a frame.
 * A question is one byte, 'u' for a UTF-8 reader or 'l' for a Latin-1 stream, and the bytes of a properties file.
 * An answer is one byte, 1 if Java refused the file, and then keys and values in turn, each a frame in UTF-16BE.
 */
public class PropertiesJudge {
    public static void main(String[] arguments) throws IOException {
        DataInputStream questions = new DataInputStream(new BufferedInputStream(System.in));
        DataOutputStream answers = new DataOutputStream(new BufferedOutputStream(System.out));
        try {
            while (true) {
                byte[] question = new byte[questions.readInt()];
                questions.readFully(question);
                writeFrame(answers, answer(question));
                answers.flush();
            }
        } catch (EOFException over) {
            return;
        }
    }

    private static byte[] answer(byte[] question) throws IOException {
        ByteArrayInputStream file = new ByteArrayInputStream(question, 1, question.length - 1);
        Properties properties = new Properties();
        boolean refused = false;
        try {
            if (question[0] == 'u') {
                properties.load(new InputStreamReader(file, StandardCharsets.UTF_8));
            } else {
                properties.load(file);
            }
        } catch (IllegalArgumentException malformed) {
            refused = true;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream answer = new DataOutputStream(bytes);
        answer.writeByte(refused ? 1 : 0);
        for (Map.Entry<Object, Object> entry : properties.entrySet()) {
            writeFrame(answer, utf16((String) entry.getKey()));
            writeFrame(answer, utf16((String) entry.getValue()));
        }
        return bytes.toByteArray();
    }

    /** String.getBytes would replace lone surrogates. */
    private static byte[] utf16(String text) {
        byte[] bytes = new byte[2 * text.length()];
        for (int index = 0; index < text.length(); index++) {
            bytes[2 * index] = (byte) (text.charAt(index) >> 8);
            bytes[2 * index + 1] = (byte) text.charAt(index);
        }
        return bytes;
    }

    private static void writeFrame(DataOutputStream stream, byte[] data) throws IOException {
        stream.writeInt(data.length);
        stream.write(data);
    }
}
