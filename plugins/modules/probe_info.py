#!/usr/bin/python
# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: probe_info
short_description: Probe a site over DNS, HTTP, WebSocket, XMPP, UDP, STUN and TURN
version_added: 0.1.0
author:
  - The selfhosted.jitsi founders (@selfhosted)
description:
  - Sends each probe from the machine that runs the module, and returns one row with a verdict for each probe.
  - Sends all probes, even if one fails. A failed probe is a row in the result. It does not make the module fail.
  - Always verifies certificates and the names in them.
extends_documentation_fragment:
  - selfhosted.jitsi._attributes.looks
options:
  probes:
    description:
      - The probes. The rows have the same order.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - The label of the row.
        type: str
        required: true
      kind:
        description:
          - V(http) sends one request and follows no redirect.
          - V(websocket) opens a WebSocket (RFC 6455) with the subprotocol C(xmpp) and asks for a stream (RFC 7395).
          - V(udp) sends one datagram.
          - V(stun) asks a STUN server for the address that the server sees.
          - V(turn) logs in to a TURN server and requests a relay.
          - V(dns) looks a name up on the machine that runs the module. It passes if all IPv4
            addresses are in O(probes[].expect_address), and if each IPv6 address accepts a TCP connection.
          - V(page) loads a page, and the scripts and style sheets that the page names on its own host. It passes if
            the page is HTML without unprocessed server-side includes, and if no file is missing, empty or HTML.
          - V(settings) loads the file C(config.js) of a site. It passes if the file is readable JavaScript, and if
            C(hosts.domain), C(hosts.muc), C(hosts.anonymousdomain), C(bosh) and C(websocket) lead to
            O(probes[].domain). It does not judge what only code computes.
          - V(xmpp) logs in as the web client does, over WebSocket with V(wss://), and over BOSH with V(https://).
        type: str
        choices:
          - http
          - websocket
          - udp
          - stun
          - turn
          - dns
          - page
          - settings
          - xmpp
        required: true
      url:
        description:
          - The URL of the request, with C(http://), C(https://), C(ws://) or C(wss://).
          - Required for V(http), V(websocket), V(page), V(settings) and V(xmpp).
        type: str
      address:
        description:
          - For V(udp), V(stun) and V(turn), the name or address of the target. Required for these kinds.
          - For the other kinds, the address to connect to. It replaces the address that the name in O(probes[].url)
            resolves to. The name is still sent and verified.
        type: str
      port:
        description:
          - For V(udp), V(stun) and V(turn), the port of the target. Required for these kinds.
          - For V(dns), the port of the IPv6 addresses. If it is not set, it is 443.
          - For the other kinds, the port to connect to. It replaces the port in O(probes[].url).
        type: int
      ca:
        description:
          - PEM text of the trusted certificates, for instance a self-signed one. No other certificate is trusted then.
          - If it is empty, the trust store of the system is used.
        type: str
      method:
        description:
          - The HTTP method.
        type: str
        default: GET
      body:
        description:
          - The body of the HTTP request.
        type: str
      headers:
        description:
          - Further headers of the request.
        type: dict
        default: {}
      expect_status:
        description:
          - The expected status of the HTTP answer, as codes and ranges, such as V(301) or V(200-399,404).
          - If it is not set, any status passes.
        type: str
      expect_location:
        description:
          - The exact value of the header C(Location) of the HTTP answer.
        type: str
      expect_body:
        description:
          - A Python regular expression. It must match in the first mebibyte of the body of the HTTP answer.
        type: str
      domain:
        description:
          - The XMPP domain of the stream. Required for V(websocket).
          - For V(stun) and V(turn) with O(probes[].transport=tls), the name that the certificate must contain. If it
            is not set, O(probes[].address) is used.
          - For V(dns), the name to look up. Required for this kind.
          - For V(settings) and V(xmpp), the name of the site. Required for these kinds.
        type: str
      payload:
        description:
          - The text in the datagram.
        type: str
        default: probe
      expect_reply:
        description:
          - Whether the datagram must be answered. A videobridge does not answer unknown senders.
        type: bool
        default: false
      transport:
        description:
          - The transport to the STUN or TURN server.
        type: str
        choices: [udp, tcp, tls]
        default: udp
      username:
        description:
          - For V(turn), the user name for the server. Required for this kind.
          - For V(xmpp), the name of an account without its domain. If it is not set, the probe logs in as a guest.
        type: str
      password:
        description:
          - The password for the user name. Required for V(turn).
          - For V(xmpp), it is only sent over TLS.
        type: str
      login_domain:
        description:
          - For V(xmpp), the XMPP host to log in to, such as V(guest.meet.example.org).
          - If it is not set, O(probes[].domain) is used.
        type: str
      rooms:
        description:
          - For V(xmpp), whether to ask the server for the rooms of the site. O(probes[].conference) does it, too.
        type: bool
        default: false
      conference:
        description:
          - For V(xmpp), whether to meet jicofo in a room, too.
          - The probe asks jicofo for a new room with a random name, joins the room, and leaves it.
        type: bool
        default: false
      bridge:
        description:
          - For V(xmpp), whether jicofo must allot a bridge, too. This implies O(probes[].conference).
          - A second client logs in and joins the room, because jicofo allots no bridge to one participant alone.
          - The row tells where the bridge takes the media. The probe sends none.
        type: bool
        default: false
      media:
        description:
          - For V(xmpp) with O(probes[].bridge), whether the bridge must answer where it takes the media, too.
          - The probe sends it the first packet of a browser, a STUN request with the credential of the room.
          - It asks at each address, or at those of O(probes[].expect_address), until one answers.
        type: bool
        default: false
      expect_address:
        description:
          - For V(turn), the relay address that the TURN server must use.
          - For V(dns), the IPv4 addresses that the name may have, with blanks between them. Required for this kind.
          - For V(xmpp) with O(probes[].bridge), IPv4 addresses with blanks between them. The bridge must take the media
            at one of them.
        type: str
      relay:
        description:
          - For V(turn), whether to send a packet through the relay too, from this machine to itself.
          - The row then reports only whether the packet arrived. Use a probe without this option to check whether the
            server offers a relay.
        type: bool
        default: false
      remedy:
        description:
          - Advice for the reader of the row if the probe fails.
          - If it is empty, V(dns), V(page), V(settings) and V(xmpp) give advice by what they found.
        type: str
        default: ''
  timeout:
    description:
      - Seconds to wait for each probe. A probe of kind V(xmpp) may take as long for each of its steps.
      - Up to eight probes run at the same time.
    type: float
    default: 10
seealso:
  - module: selfhosted.jitsi.datagram_info
  - module: selfhosted.jitsi.site_verdict
"""

EXAMPLES = r"""
- name: Check a meeting site from the Internet
  selfhosted.jitsi.probe_info:
    timeout: 5
    probes:
      - name: redirect keeps the room
        kind: http
        url: http://meet.example.org/Room?x=1
        expect_status: "301"
        expect_location: https://meet.example.org/Room?x=1
        remedy: Let the proxy redirect with the path and the query
      - name: XMPP over WebSocket
        kind: websocket
        url: wss://meet.example.org/xmpp-websocket
        domain: meet.example.org
        remedy: Add upgrade=websocket to the proxy's ProxyPass line
      - name: datagram to the bridge
        kind: udp
        address: meet.example.org
        port: 10000
        payload: a token to look for
      - name: the TURN server answers over TLS
        kind: stun
        transport: tls
        address: meet.example.org
        port: 5349
      - name: a guest gets in
        kind: xmpp
        url: wss://meet.example.org/xmpp-websocket
        domain: meet.example.org
        bridge: true
        media: true
        expect_address: 198.51.100.10
  register: probed

- name: Assert that every probe found the expected result
  ansible.builtin.assert:
    that: probed.results | rejectattr('ok') | length == 0
    fail_msg: "{{ probed.results | rejectattr('ok') | map(attribute='remedy') | join('\\n') }}"
"""

RETURN = r"""
results:
  description: One row for each probe, in the order of O(probes).
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The label of the probe.
      type: str
      sample: redirect keeps the room
    ok:
      description: Whether the probe found the expected result.
      type: bool
      sample: false
    expected:
      description: The expected result.
      type: str
      sample: 301 https://meet.example.org/Room?x=1
    found:
      description: The actual result, or the reason why there was no answer.
      type: str
      sample: 301 https://meet.example.org/
    remedy:
      description:
        - The advice from the option O(probes[].remedy), or by what was found.
      type: str
      sample: Let the proxy redirect with the path and the query
    source:
      description: The source address of the datagram, as the sending machine sees it.
      type: str
      returned: when the probe's kind is V(udp)
      sample: 198.51.100.20
    source_port:
      description: The source port of the datagram.
      type: int
      returned: when the probe's kind is V(udp)
      sample: 40123
    candidates:
      description: The addresses at which the bridge takes the media.
      type: list
      elements: dict
      returned: when the probe's kind is V(xmpp), it has the option O(probes[].bridge), and jicofo allotted a bridge
      contains:
        address:
          description: The address.
          type: str
          sample: 198.51.100.10
        port:
          description: The port.
          type: int
          sample: 10000
        protocol:
          description: The protocol, such as V(udp).
          type: str
          sample: udp
        type:
          description: The type of the ICE candidate, such as V(host) or V(srflx).
          type: str
          sample: srflx
        answers:
          description: Whether the bridge answered there. It is false without O(probes[].media).
          type: bool
          sample: true
failed_count:
  description: The number of failed rows.
  returned: success
  type: int
  sample: 1
"""

from ansible_collections.selfhosted.jitsi.plugins.module_utils._module.probe_info import main

if __name__ == "__main__":
    main()
