# The article's vhosts: Jitsi's own, and one for the other service behind the same proxy.
export DEBIAN_FRONTEND=noninteractive
apt-get --quiet=2 update
apt-get --quiet=2 install --yes --no-install-recommends apache2 openssl
a2enmod --quiet ssl proxy proxy_http

# Let's Encrypt gave the article its certificates.
certificate() {
    test -e "/etc/ssl/certs/$1.pem" || openssl req -x509 -newkey rsa:2048 -nodes -days 90 -subj "/CN=$1" \
        -addext "subjectAltName=DNS:$1" -keyout "/etc/ssl/private/$1.key" -out "/etc/ssl/certs/$1.pem"
}

# $1: name, $2: backend, standard input: what else the vhost says
vhost() {
    certificate "$1"
    cat > "/etc/apache2/sites-available/$1.conf" << VHOSTS
<VirtualHost *:80>
    ServerName $1
    RedirectMatch permanent ^(?!/\.well-known/acme-challenge/).* https://$1/
</VirtualHost>
<VirtualHost *:443>
    ServerName $1
    SSLEngine on
    SSLCertificateFile /etc/ssl/certs/$1.pem
    SSLCertificateKeyFile /etc/ssl/private/$1.key
$(cat)
    ProxyPass        / $2
    ProxyPassReverse / $2
</VirtualHost>
VHOSTS
    a2ensite --quiet "$1"
}

vhost jitsi.test https://192.168.122.120/ << 'HAMMER'
    SSLProxyEngine on
    SSLProxyVerify none
    SSLProxyCheckPeerCN off
    SSLProxyCheckPeerName off
    SSLProxyCheckPeerExpire off
HAMMER
vhost other.test http://192.168.122.110:8080/ < /dev/null
systemctl restart apache2
