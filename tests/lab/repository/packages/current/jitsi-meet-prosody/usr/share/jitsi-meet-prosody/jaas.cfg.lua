-- A file of the package: not enabled unless somebody links it into conf.d.
VirtualHost "jigasi.meet.jitsi"
    modules_enabled = {
        "ping";
        "bosh";
        --"muc_password_check";
    }
    authentication = "token"
    app_id = "jitsi";
    asap_accepted_issuers = { "jaas-components" }
    asap_accepted_audiences = { "jigasi.jitmeet.example.com" }
