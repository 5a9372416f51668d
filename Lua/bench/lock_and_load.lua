#!lua
-- The measured form of lock and load: three plain keys, so that redis-benchmark can run the very same script.
--
-- KEYS  1 lock, 2 fence counter, 3 profile hash (fields data, version, fence, savedAt)
-- ARGV  1 owner, 2 lease in milliseconds
-- Returns {1, token, data, version, fence, savedAt}, or {0, owner, remaining milliseconds} while another holds it.
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
    return {0, holder, redis.call('PTTL', KEYS[1])}
end
local token = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local profile = redis.call('HMGET', KEYS[3], 'data', 'version', 'fence', 'savedAt')
return {1, token, profile[1], profile[2], profile[3], profile[4]}
