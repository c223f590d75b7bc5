import org.ice4j.ice.harvest.HarvestConfig;
import org.jitsi.config.JitsiConfig;
import org.jitsi.service.configuration.ConfigurationService;

/** Prints what the real ice4j makes of the videobridge's files: its mappings, its STUN servers, whether it asks AWS. */
public class HarvestProbe {
    public static void main(String[] arguments) {
        // As the videobridge does when it starts: ice4j itself knows the old names as system properties alone.
        ConfigurationService properties = JitsiConfig.getSipCommunicatorProps();
        for (String name : properties.getPropertyNamesByPrefix("org.ice4j", false)) {
            if (System.getProperty(name) == null) {
                System.setProperty(name, properties.getString(name));
            }
        }
        JitsiConfig.Companion.reloadNewConfig();
        HarvestConfig config = HarvestConfig.config;
        for (HarvestConfig.StaticMapping mapping : config.getStaticMappings()) {
            System.out.println("mapping " + mapping.getLocalAddress() + " " + mapping.getPublicAddress()
                + " " + mapping.getLocalPort() + " " + mapping.getPublicPort());
        }
        for (String address : config.getStunMappingCandidateHarvesterAddresses()) {
            System.out.println("stun " + address);
        }
        System.out.println("aws " + config.getEnableAwsHarvester());
    }
}
