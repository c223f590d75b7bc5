// A file of the package: an upgrade overwrites what somebody changed here.
var interfaceConfig = {
    APP_NAME: 'Jitsi Meet',
    SHOW_JITSI_WATERMARK: true
};
