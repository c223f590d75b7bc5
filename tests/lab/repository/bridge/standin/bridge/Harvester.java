package standin.bridge;

import java.net.InetSocketAddress;

/** A local address and the address that the world sees in its place; the mask is null where nobody found it out. */
record Harvester(String kind, InetSocketAddress face, InetSocketAddress mask) {
    boolean isOfNoUse() {
        return mask == null || face.getAddress() == null || mask.getAddress() == null || face.equals(mask);
    }

    boolean hasAddressesOf(Harvester other) {
        return face.getAddress().equals(other.face.getAddress()) && mask.getAddress().equals(other.mask.getAddress());
    }

    // The wording of the real bridge's log.
    @Override
    public String toString() {
        return "org.ice4j.ice.harvest." + kind + "(face=" + Addresses.shown(face) + ", mask="
            + (mask == null ? "null" : Addresses.shown(mask)) + ")";
    }
}
