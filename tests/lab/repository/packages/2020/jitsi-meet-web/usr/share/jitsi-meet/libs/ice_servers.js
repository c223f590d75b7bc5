// Which ICE servers two participants use, chosen as the client of 2020 did: those of config.js, or what the XMPP server
// answers if useStunTurn asks for it; and what config.js lacks altogether, the library has itself.
(function () {
    'use strict';

    const OWN = [ 'stun', 'stun1', 'stun2' ].map(name => ({ urls: `stun:${name}.l.google.com:19302` }));

    window.iceServers = async function (session) {
        const p2p = config.p2p || {};

        if (p2p.useStunTurn) {
            try {
                return await externalServices(session, 'urn:xmpp:extdisco:1');
            } catch (error) {
                console.warn(`urn:xmpp:extdisco:1: ${error.message}`);
            }
        }

        return p2p.stunServers || OWN;
    };
})();
