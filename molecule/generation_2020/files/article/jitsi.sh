# The quick-install guide of 2020, without the TURN server, and the article's lines. REPOSITORY and KEY are the lab's.
export DEBIAN_FRONTEND=noninteractive
apt-get --quiet=2 update
apt-get --quiet=2 install --yes --no-install-recommends debconf-utils wget nginx
# apt-key did the same: apt trusts this key for every repository.
wget --quiet --output-document=/etc/apt/trusted.gpg.d/jitsi-key.asc "$KEY"
echo "deb $REPOSITORY stable/" > /etc/apt/sources.list.d/jitsi-stable.list
apt-get --quiet=2 update
debconf-set-selections << 'ANSWERS'
jitsi-videobridge2 jitsi-videobridge/jvb-hostname string jitsi.test
jitsi-meet-web-config jitsi-meet/cert-choice select Generate a new self-signed certificate
ANSWERS
apt-get --quiet=2 install --yes --no-install-recommends jitsi-meet

properties=/etc/jitsi/videobridge/sip-communicator.properties
sed --in-place 's/^org.ice4j.ice.harvest.STUN_MAPPING_HARVESTER_ADDRESSES=/#&/' $properties
cat >> $properties << 'LINES'
org.ice4j.ice.harvest.NAT_HARVESTER_LOCAL_ADDRESS=192.168.122.120
org.ice4j.ice.harvest.NAT_HARVESTER_PUBLIC_ADDRESS=198.51.100.10
LINES
# jicofo, too: whom Java trusts is read at a start, and on a machine that had Jitsi before it was another prosody.
systemctl restart jitsi-videobridge2 jicofo
