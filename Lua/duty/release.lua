#!lua flags=allow-oom
-- Gives a duty back.
--
-- KEYS  1 holder
-- ARGV  1 nonce (16 bytes)
-- Returns 1 when the nonce held it, else 0; {'BAD_ARGUMENT'}

-- @include arguments

if #KEYS ~= 1 or not is_id(ARGV[1]) then return {'BAD_ARGUMENT'} end

if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1
