/* eslint-disable comma-dangle, no-unused-vars, no-var, prefer-template, vars-on-top */

/*
 * Settings of the web client. This is the lab's own file: it has the shape of the one that Jitsi's packages install,
 * not its text. The web server fills in the values of the first two variables, and index.html takes the file in whole.
 */

var subdir = '<!--# echo var="subdir" default="" -->';
var subdomain = '<!--# echo var="subdomain" default="" -->';

if (subdomain) {
    subdomain = subdomain.substr(0, subdomain.length - 1).split('.')
        .join('_')
        .toLowerCase() + '.';
}

// Without SSI the text above is still there: then there is no tenant.
if (subdomain.startsWith('<!--')) {
    subdomain = '';
}
if (subdir.startsWith('<!--')) {
    subdir = '';
}

var enableJaaS = false;

var config = {
    // Connection
    //

    hosts: {
        // XMPP domain.
        domain: 'jitsi-meet.example.com',

        // When using authentication, domain for guest users.
        // anonymousdomain: 'guest.example.com',

        // Domain for authenticated users. Defaults to <domain>.
        // authdomain: 'jitsi-meet.example.com',

        // Focus component domain. Defaults to focus.<domain>.
        // focus: 'focus.jitsi-meet.example.com',

        // XMPP MUC domain. FIXME: use XEP-0030 to discover it.
        muc: 'conference.' + subdomain + 'jitsi-meet.example.com',
    },

    // BOSH URL, for clients that cannot speak WebSocket.
    bosh: 'https://jitsi-meet.example.com/' + subdir + 'http-bind',

    // Websocket URL (XMPP)
    websocket: 'wss://jitsi-meet.example.com/' + subdir + 'xmpp-websocket',

    // Whether BOSH should be preferred over WebSocket if both are configured.
    // preferBosh: false,

    // websocketKeepAliveUrl: 'https://jitsi-meet.example.com/' + subdir + '_unlock',

    // The real JID of focus participant - can be overridden here
    // focusUserJid: 'focus@auth.jitsi-meet.example.com',

    // Ask for conferences over HTTP instead of XMPP.
    // conferenceRequestUrl: 'https://jitsi-meet.example.com/' + subdir + 'conference-request/v1',

    // Options related to the bridge (colibri) channel
    bridgeChannel: {
        // SCTP is preferred to WebSocket.
        // preferSctp: true
    },

    // Testing / experimental features.
    //

    testing: {
        // Disables the End to End Encryption feature. Useful for debugging issues related to insertable streams.
        // disableE2EE: false,

        // P2P test mode disables automatic switching to P2P when there are 2 participants in the conference.
        // p2pTestMode: false,
    },

    // Media
    //

    // Disable measuring of audio levels.
    // disableAudioLevels: false,

    // Start the conference in audio only mode (no video is being received nor sent).
    // startAudioOnly: false,

    // Start calls with audio muted. Unlike the option above, this one is only applied locally.
    // startWithAudioMuted: false,

    // Sets the preferred resolution (height) for local video. Defaults to 720.
    // resolution: 720,

    // Specify the settings for video quality optimizations on the client.
    // videoQuality: {
    //     codecPreferenceOrder: [ 'AV1', 'VP9', 'VP8', 'H264' ],
    //     mobileCodecPreferenceOrder: [ 'VP8', 'VP9', 'H264', 'AV1' ]
    // },

    channelLastN: -1,

    // UI
    //

    // Require users to always specify a display name.
    // requireDisplayName: true,

    enableWelcomePage: true,

    // Default language for the user interface. Cannot be overwritten.
    // defaultLanguage: 'en',

    // Third parties
    //

    // Whether requests to third parties are forbidden: analytics, avatars, and the like.
    // disableThirdPartyRequests: false,

    // gravatar: {
    //     baseUrl: 'https://www.gravatar.com/avatar/',
    //     disabled: false
    // },

    // giphy: {
    //     enabled: false,
    //     sdkKey: ''
    // },

    // Peer-To-Peer mode: used (if enabled) when there are just 2 participants.
    p2p: {
        // Enables peer to peer mode. When enabled the client will try to
        // establish a direct connection when there are exactly 2 participants.
        enabled: true,

        // Sets the ICE transport policy for the p2p connection. At the time
        // of this writing the list of possible values are 'all' and 'relay'.
        // iceTransportPolicy: 'all',

        // How long we're going to wait, before going back to P2P after the 3rd
        // participant has left the conference (to filter out page reload).
        // backToP2PDelay: 5,

        // The STUN servers that will be used in the peer to peer connections
        stunServers: [

            // { urls: 'stun:jitsi-meet.example.com:3478' },
            { urls: 'stun:meet-jit-si-turnrelay.jitsi.net:443' },
        ],
    },

    analytics: {
        // True if the analytics should be disabled
        // disabled: false,

        // Matomo configuration:
        // matomoEndpoint: 'https://your-matomo-endpoint/',
        // matomoSiteID: '42',
    },

    // Hide login button on auth dialog, you may want to enable this if you are using JWT tokens to authenticate users
    // hideLoginButton: true,

    // List of undocumented settings used in the client
    /**
     * autoRecord
     * debug
     * defaultLogoUrl
     * peopleSearchUrl
     */

    // no configuration value should follow this line.
    makeJsonParserHappy: 'even if last key had a trailing comma',
};

// Settings that depend on others.
if (enableJaaS) {
    config.dialInNumbersUrl = 'https://conference-mapper.example.invalid/v1/access/dids';
    config.roomPasswordNumberOfDigits = 10; // skip re-adding it (do not remove comment)
}
