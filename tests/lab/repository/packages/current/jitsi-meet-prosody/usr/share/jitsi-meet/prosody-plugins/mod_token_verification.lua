-- A stand-in, written for the lab of selfhosted.jitsi: none of it is Jitsi's code. Whoever came with a token joins the room that it
-- names, on the domain that it names. Jitsi's plugin also knows patterns, tenants and lists of exceptions.
local jid = require "util.jid";
local st = require "util.stanza";

local admins = module:get_option_inherited_set("admins", {});
local parent = module:context(module.host:match("%.(.+)$"));
local domain_counts = parent:get_option_boolean("enable_domain_verification", true);
local allow_empty_token = parent:get_option_boolean("allow_empty_token", false);

local function meant(claim, name)
    return claim == "*" or type(claim) == "string" and claim:lower() == name;
end

local function wrong(session, address)
    if allow_empty_token and not session.auth_token then return nil; end
    if not meant(session.jitsi_meet_room, (jid.split(address))) then return "Room and token mismatched"; end
    if domain_counts and not meant(session.jitsi_meet_domain, parent.host) then return "Domain and token mismatched"; end
end

local function verify(event)
    local session, stanza = event.origin, event.stanza;
    if admins:contains(jid.bare(stanza.attr.from)) then return; end
    local text = wrong(session, stanza.attr.to);
    if text then
        module:log("warn", "%s may not join %s: %s", stanza.attr.from, stanza.attr.to, text);
        session.send(st.error_reply(stanza, "cancel", "not-allowed", text));
        return true;
    end
end
module:hook("muc-room-pre-create", verify, 99);
module:hook("muc-occupant-pre-join", verify, 99);
