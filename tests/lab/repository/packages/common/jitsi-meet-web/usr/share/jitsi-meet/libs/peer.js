// The connection from participant to participant: a data channel in place of sound and pictures. Descriptions and
// candidates go to the other one as soon as there are any, by tell(action, object).
(function () {
    'use strict';

    window.Peer = class {
        constructor(iceServers, tell, changed) {
            const iceTransportPolicy = (config.p2p && config.p2p.iceTransportPolicy) || 'all';

            this.tell = tell;
            this.connection = new RTCPeerConnection({ iceServers, iceTransportPolicy });
            this.connection.onicecandidate = event => event.candidate && tell('transport-info', event.candidate);
            this.connection.onicegatheringstatechange = changed;
            this.connection.onconnectionstatechange = changed;
            // The same channel on both sides, so that neither has to wait for the other's.
            this.channel = this.connection.createDataChannel('lab', { id: 0, negotiated: true });
            this.channel.onopen = changed;
        }

        async describe(action) {
            await this.connection.setLocalDescription();
            this.tell(action, this.connection.localDescription);
        }

        async take(action, told) {
            if (action === 'transport-info') {
                await this.connection.addIceCandidate(told);
            } else {
                await this.connection.setRemoteDescription(told);
            }
            if (action === 'session-initiate') {
                await this.describe('session-accept');
            }
        }

        // All ways are known when no ICE server is asked any more.
        get state() {
            if (this.channel.readyState !== 'open') {
                return this.connection.connectionState === 'failed' ? 'failed to connect' : 'connecting';
            }

            return this.connection.iceGatheringState === 'complete' ? 'all ways known, connected' : 'connected';
        }

        close() {
            this.connection.close();
        }
    };
})();
