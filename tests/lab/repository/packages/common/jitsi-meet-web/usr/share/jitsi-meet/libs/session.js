// A guest's session: logs in anonymously, asks questions, and hands on what nobody asked for.
(function () {
    'use strict';

    const CHARACTERS = { '"': '&quot;', '&': '&amp;', '\'': '&apos;', '<': '&lt;', '>': '&gt;' };

    window.escapeXml = text => text.replace(/["&'<>]/g, character => CHARACTERS[character]);

    window.XmppSession = class {
        // opened() is called when the server has answered, before anybody is logged in; fail(how) when all is over.
        constructor(opened, fail) {
            this.opened = opened;
            this.fail = fail;
            this.awaited = null;
            this.questions = new Map();
            this.onstanza = () => {};
        }

        // As the real client: WebSocket if config.js names one, and no falling back; guests have a host of their own, if any.
        async connect() {
            const domain = config.hosts.anonymousdomain || config.hosts.domain;
            const useWebSocket = config.websocket && !config.preferBosh;
            const url = useWebSocket ? config.websocket : config.bosh || '/http-bind';
            const Stream = useWebSocket ? WebSocketStream : BoshStream;

            this.stream = new Stream(url, domain, element => this.receive(element), this.fail);
            await this.next('features');
            this.opened();
            this.stream.send('<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>');
            if ((await this.next('success', 'failure')).localName === 'failure') {
                throw new Error('guests are not let in');
            }
            this.stream.open();
            await this.next('features');
            await this.ask('set', '', '<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/>');
        }

        // The next element with one of these names.
        next(...names) {
            return new Promise(resolve => {
                this.awaited = { names, resolve };
            });
        }

        ask(type, to, question) {
            const id = `q${this.questions.size + 1}`;
            const address = to && `to="${escapeXml(to)}"`;

            this.stream.send(`<iq xmlns="jabber:client" type="${type}" id="${id}" ${address}>${question}</iq>`);

            return new Promise((resolve, reject) => {
                this.questions.set(id, { reject, resolve });
            });
        }

        send(text) {
            this.stream.send(text);
        }

        receive(element) {
            const { awaited } = this;
            const type = element.getAttribute('type');

            if (awaited && awaited.names.includes(element.localName)) {
                this.awaited = null;
                awaited.resolve(element);
            } else if (element.localName === 'iq' && (type === 'result' || type === 'error')) {
                this.answer(element, type);
            } else {
                this.onstanza(element);
            }
        }

        answer(element, type) {
            const question = this.questions.get(element.getAttribute('id'));

            if (question && type === 'result') {
                question.resolve(element);
            } else if (question) {
                question.reject(new Error(reasonOf(element)));
            }
        }
    };

    // The name of the condition, for example not-allowed.
    window.reasonOf = element => element.querySelector('error > *').localName;
})();
