-- A stand-in, written for the lab of selfhosted.jitsi: none of it is Jitsi's code. Everybody is let in under a random name. Jitsi's
-- plugin also gives a client that comes back its name again.
local new_sasl = require "util.sasl".new;

local function nobody() return nil; end
local function refuse() return nil, "There are no accounts here"; end
local function let_in() return true; end

module:provides("auth", {
    get_sasl_handler = function() return new_sasl(module.host, { anonymous = let_in }); end;
    get_password = nobody; user_exists = nobody;
    test_password = refuse; set_password = refuse; create_user = refuse; delete_user = refuse;
});
