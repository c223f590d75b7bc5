// A conference: who is in the room, and a session with the one other participant. Names of elements and actions are
// Jingle's (XEP-0166); its description of media and candidates is not, for the browser's own goes as it is.
(function () {
    'use strict';

    const JINGLE = 'urn:xmpp:jingle:1';
    const FOCUS = 'focus';

    window.Room = class {
        constructor(session, name, servers, show) {
            this.session = session;
            this.address = `${encodeURIComponent(name.toLowerCase())}@${config.hosts.muc}`;
            this.servers = servers;
            this.show = show;
            this.me = crypto.randomUUID().slice(0, 8);
            this.joined = false;
            this.others = new Set();
            this.peer = null;
            session.onstanza = stanza => this.receive(stanza);
        }

        join() {
            const to = escapeXml(`${this.address}/${this.me}`);

            this.session.send(`<presence xmlns="jabber:client" to="${to}"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
        }

        receive(stanza) {
            const [ room, who ] = (stanza.getAttribute('from') || '').split('/');

            if (room === this.address && stanza.localName === 'presence') {
                this.presence(stanza.getAttribute('type'), who, stanza);
            } else if (room === this.address && stanza.localName === 'iq' && stanza.querySelector('jingle')) {
                this.jingle(stanza, who);
            }
        }

        presence(type, who, stanza) {
            if (type === 'error') {
                // In today's packages only jicofo opens rooms.
                this.show(`not let in (${reasonOf(stanza)})`);
            } else if (who === this.me) {
                // The server names those who are there already first, and then oneself.
                this.joined = true;
                this.show('joined');
            } else if (who !== FOCUS) {
                this.others[type === 'unavailable' ? 'delete' : 'add'](who);
            }
            this.startOrStop();
        }

        // Two participants talk to each other, and the one with the smaller name begins; more would need the bridge.
        startOrStop() {
            const [ other ] = this.others;
            const isForTwo = this.joined && this.others.size === 1 && config.p2p && config.p2p.enabled;

            if (this.peer && !isForTwo) {
                this.stop();
                this.show('joined');
            } else if (isForTwo && !this.peer && this.me < other) {
                this.start(other);
                this.peer.describe('session-initiate').catch(error => this.failed(error));
            }
        }

        start(other) {
            const changed = () => this.show(`${this.peer.state} to participant ${other}`);

            this.stop();
            this.peer = new Peer(this.servers, (action, told) => this.tell(other, action, told), changed);
            changed();
        }

        stop() {
            if (this.peer) {
                this.peer.close();
                this.peer = null;
            }
        }

        jingle(stanza, who) {
            const element = stanza.querySelector('jingle');
            const action = element.getAttribute('action');
            const to = escapeXml(stanza.getAttribute('from'));

            this.session.send(`<iq xmlns="jabber:client" type="result" id="${escapeXml(stanza.getAttribute('id'))}" to="${to}"/>`);
            if (action === 'session-initiate') {
                this.start(who);
            }
            if (this.peer) {
                this.peer.take(action, JSON.parse(element.textContent)).catch(error => this.failed(error));
            }
        }

        tell(who, action, told) {
            const content = `<told xmlns="urn:selfhosted:jitsi:lab">${escapeXml(JSON.stringify(told))}</told>`;
            const question = `<jingle xmlns="${JINGLE}" action="${action}" sid="lab">${content}</jingle>`;

            this.session.ask('set', `${this.address}/${who}`, question).catch(error => this.failed(error));
        }

        failed(error) {
            this.show(`failed: ${error.message}`);
        }
    };
})();
