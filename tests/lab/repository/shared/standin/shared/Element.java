package standin.shared;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** One XML element with all that is in it: a stanza of XMPP, or a part of one. */
public final class Element {
    private final String name;
    private final String namespace;
    private final Map<String, String> attributes = new HashMap<>();
    private final List<Element> children = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();

    private Element(String name, String namespace) {
        this.name = name;
        this.namespace = namespace;
    }

    /** Reads the element whose start tag the reader has just seen, up to its end tag. */
    static Element read(XMLStreamReader reader) throws XMLStreamException {
        Element result = new Element(reader.getLocalName(), reader.getNamespaceURI());
        for (int i = 0; i < reader.getAttributeCount(); i++) {
            result.attributes.put(reader.getAttributeLocalName(i), reader.getAttributeValue(i));
        }
        while (true) {
            int event = reader.next();
            if (event == XMLStreamConstants.START_ELEMENT) {
                result.children.add(read(reader));
            } else if (event == XMLStreamConstants.CHARACTERS) {
                result.text.append(reader.getText());
            } else if (event == XMLStreamConstants.END_ELEMENT) {
                return result;
            }
        }
    }

    public boolean is(String wantedName, String wantedNamespace) {
        return name.equals(wantedName) && wantedNamespace.equals(namespace);
    }

    public String name() {
        return name;
    }

    public String text() {
        return text.toString();
    }

    public List<Element> children() {
        return children;
    }

    /** The value of an attribute, or nothing. */
    public String attribute(String wanted) {
        return attributes.getOrDefault(wanted, "");
    }

    public Optional<Element> child(String wantedName, String wantedNamespace) {
        return children.stream().filter(child -> child.is(wantedName, wantedNamespace)).findFirst();
    }

    /** Whether an element of this name is in it, however deep. */
    public boolean holds(String wanted) {
        return children.stream().anyMatch(child -> child.name.equals(wanted) || child.holds(wanted));
    }

    /** Short, for a message: the names alone. */
    @Override
    public String toString() {
        return children.isEmpty() ? name : name + children;
    }
}
