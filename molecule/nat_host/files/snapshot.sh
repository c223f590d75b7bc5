#!/bin/sh
# What state absent has to leave as it was before the first run: the kernel's rules, and every file that the role may write.
set -eu

rules() {
    iptables-save
    if command -v nft > /dev/null; then
        # Which empty tables and chains iptables keeps of its own is its affair.
        nft list tables | grep -Ev '^table ip6? (filter|nat|mangle|raw|security)$' | while read -r table; do
            # shellcheck disable=SC2086 # It is three words: the command, the family and the name.
            nft list $table
        done
    fi
    # Asking iptables-legacy would make the tables that it is asked for.
    cat /proc/net/ip_tables_names
}

# Counters and dates say nothing about the rules.
rules 2> /dev/null | sed -E -e '/^#/d' -e 's/\[[0-9:]+\]//' -e 's/packets [0-9]+ bytes [0-9]+//'
find /etc /usr/local /usr/lib/systemd /var/spool -xdev -not -name ld.so.cache \
    -printf '%p %y %m %u:%g %l\n' -type f -exec sha256sum '{}' ';' | sort
