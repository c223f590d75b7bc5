-- A stand-in, written for the lab of selfhosted.jitsi: none of it is Jitsi's code. It reads the same options, takes a token from the
-- same places, wants the same claims and gives clients the same answers. It knows HS256 with app_secret alone: no keys from a
-- server, no other algorithms, no context of the user.
local base64 = require "util.encodings".base64;
local formdecode = require "util.http".formdecode;
local hmac_sha256 = require "util.hashes".hmac_sha256;
local json = require "util.json";
local new_uuid = require "util.uuid".generate;
local sasl = require "util.sasl";

local app_id = module:get_option_string("app_id");
local app_secret = module:get_option_string("app_secret");
if not app_id or not app_secret then
    module:log("error", "Without app_id and app_secret nobody can be let in");
    return;
end
local allow_empty_token = module:get_option_boolean("allow_empty_token", false);
local room_is_required = module:get_option_boolean("asap_require_room_claim", true);
local issuers = module:get_option_array("asap_accepted_issuers", { app_id });
local audiences = module:get_option_array("asap_accepted_audiences", { "*" });

local function decoded(part)
    return base64.decode((part:gsub("[-_]", { ["-"] = "+", ["_"] = "/" })) .. "==");
end

local function object(part)
    local text = decoded(part);
    local value = text and json.decode(text);
    return type(value) == "table" and value or nil;
end

local function listed(claim, accepted)
    for _, one in ipairs(accepted) do
        if one == "*" or one == claim then return true; end
    end
    return false;
end

-- The claims of a token that was signed with the secret, or what is wrong with it.
local function signed_claims(token)
    local head, body, signature = token:match("^([^.]+)%.([^.]+)%.([^.]+)$");
    local header, claims = head and object(head), body and object(body);
    if not header or not claims then return nil, "Invalid token"; end
    if header.typ ~= "JWT" then return nil, "Invalid typ"; end
    if header.alg ~= "HS256" then return nil, "Invalid or incorrect alg"; end
    if decoded(signature) ~= hmac_sha256(app_secret, head .. "." .. body) then return nil, "Invalid signature"; end
    return claims;
end

local function wrong_time(claims)
    local now = os.time();
    for _, name in ipairs({ "exp", "nbf" }) do
        if claims[name] and type(claims[name]) ~= "number" then return name .. " must be number"; end
    end
    if claims.exp and claims.exp <= now then
        return ("Not acceptable by exp (%d sec since expired)"):format(now - claims.exp);
    end
    if claims.nbf and claims.nbf > now then return "Not acceptable by nbf"; end
end

local function wrong_party(claims)
    for name, accepted in pairs({ iss = issuers, aud = audiences }) do
        if claims[name] == nil then return ("'%s' claim is missing"):format(name); end
        if not listed(claims[name], accepted) then return ("invalid '%s' claim"):format(name); end
    end
end

-- The claims, or the condition and the text that the client gets.
local function judged(token)
    local claims, wrong = signed_claims(token);
    wrong = wrong or wrong_time(claims) or wrong_party(claims);
    if wrong then return nil, "not-allowed", wrong; end
    if room_is_required and claims.room == nil then return nil, "not-authorized", "room claim is missing"; end
    if claims.sub == nil then return nil, "not-authorized", "sub claim is missing"; end
    return claims;
end

local function let_in(session)
    if not session.auth_token then
        if allow_empty_token then return true; end
        return false, "not-allowed", "token required";
    end
    local claims, condition, text = judged(session.auth_token);
    if not claims then
        module:log("warn", "A token was refused: %s, %s", condition, text);
        session.auth_token = nil;
        return false, condition, text;
    end
    session.jitsi_meet_room, session.jitsi_meet_domain = claims.room, claims.sub;
    return true;
end

local function take_token(event)
    local request = event.request;
    local query = request.url.query and formdecode(request.url.query);
    local bearer = (request.headers.authorization or ""):match("^Bearer (.+)$");
    event.session.auth_token = type(query) == "table" and query.token or bearer;
end
module:hook_global("bosh-session", take_token);
module:hook_global("websocket-session", take_token);

local function nobody() return nil; end
local function refuse() return nil, "There are no accounts here"; end

module:provides("auth", {
    get_sasl_handler = function(session)
        return sasl.new(module.host, { anonymous = function() return let_in(session); end });
    end;
    get_password = nobody; user_exists = nobody;
    test_password = refuse; set_password = refuse; create_user = refuse; delete_user = refuse;
});

-- Prosody's own mechanism tries names until one is let in, and tells no client why none was.
sasl.registerMechanism("ANONYMOUS", { "anonymous" }, function(self)
    local name = new_uuid();
    local is_in, condition, text = self.profile.anonymous(self, name, self.realm);
    if not is_in then return "failure", condition, text; end
    self.username = self.username or name;
    return "success";
end);
