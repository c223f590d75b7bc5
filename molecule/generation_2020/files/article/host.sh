# The article's lines on the host. libvirt masquerades the guests, as it did there.
iptables --append FORWARD --protocol tcp --destination 192.168.122.100 --dport 80 --jump ACCEPT
iptables --append FORWARD --protocol tcp --destination 192.168.122.100 --dport 443 --jump ACCEPT
iptables --append FORWARD --protocol tcp --destination 192.168.122.120 --dport 4443 --jump ACCEPT
iptables --append FORWARD --protocol udp --destination 192.168.122.120 --dport 10000 --jump ACCEPT
nat="iptables --table nat"
$nat --append PREROUTING --destination 198.51.100.10 --protocol tcp --dport 80 --jump DNAT --to-destination 192.168.122.100:80
$nat --append PREROUTING --destination 198.51.100.10 --protocol tcp --dport 443 --jump DNAT --to-destination 192.168.122.100:443
$nat --append PREROUTING --destination 198.51.100.10 --protocol tcp --dport 4443 --jump DNAT --to-destination 192.168.122.120:4443
$nat --append PREROUTING --destination 198.51.100.10 --protocol udp --dport 10000 --jump DNAT --to-destination 192.168.122.120:10000
