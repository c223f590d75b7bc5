// XMPP over WebSocket (RFC 7395) and over BOSH (XEP-0124, XEP-0206). Both open a stream, again when asked to, send the
// text of stanzas, and hand every element that comes to receive().
(function () {
    'use strict';

    function parse(text) {
        return new DOMParser().parseFromString(text, 'text/xml').documentElement;
    }

    window.WebSocketStream = class {
        constructor(url, domain, receive, fail) {
            this.opening = `<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="${domain}" version="1.0"/>`;
            this.socket = new WebSocket(url, 'xmpp');
            this.socket.onopen = () => this.open();
            this.socket.onmessage = message => receive(parse(message.data));
            this.socket.onerror = () => fail('Strophe: Websocket error');
        }

        open() {
            this.socket.send(this.opening);
        }

        send(text) {
            this.socket.send(text);
        }

        close() {
            this.socket.close();
        }
    };

    // One request waits at the server for what it has to say; with hold="1" a second one may bring stanzas.
    window.BoshStream = class {
        constructor(url, domain, receive, fail) {
            Object.assign(this, { domain, fail, receive, url });
            this.rid = 1573741820;
            this.sid = '';
            this.underway = 0;
            this.unsent = [];
            this.post('', `to="${domain}" xml:lang="en" wait="60" hold="1" ver="1.6" xmpp:version="1.0"`);
        }

        open() {
            this.post('', `to="${this.domain}" xml:lang="en" xmpp:restart="true"`);
        }

        send(text) {
            this.unsent.push(text);
            this.flush();
        }

        flush() {
            if (this.underway === 0 || (this.underway === 1 && this.unsent.length)) {
                this.post(this.unsent.splice(0).join(''), '');
            }
        }

        // Without this the server takes a page that is gone for one that is slow, for a minute.
        close() {
            navigator.sendBeacon(this.url, this.body('', 'type="terminate"'));
        }

        body(text, attributes) {
            const sid = this.sid && `sid="${this.sid}"`;

            return `<body xmlns="http://jabber.org/protocol/httpbind" xmlns:xmpp="urn:xmpp:xbosh" rid="${this.rid++}" ${sid} ${attributes}>${text}</body>`;
        }

        async post(text, attributes) {
            const body = this.body(text, attributes);

            this.underway++;
            try {
                const response = await fetch(this.url, { body, headers: { 'Content-Type': 'text/xml; charset=utf-8' }, method: 'POST' });

                if (!response.ok) {
                    throw new Error(`BOSH answered ${response.status}`);
                }
                this.take(parse(await response.text()));
            } catch (error) {
                this.fail(error.message);
            }
        }

        take(body) {
            this.underway--;
            this.sid = body.getAttribute('sid') || this.sid;
            Array.from(body.children).forEach(this.receive);
            if (body.getAttribute('type') === 'terminate') {
                throw new Error(`BOSH session ended: ${body.getAttribute('condition')}`);
            }
            this.flush();
        }
    };
})();
