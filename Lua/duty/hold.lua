#!lua
-- Takes a duty of the fleet for a while, or keeps it.
--
-- KEYS  1 holder
-- ARGV  1 nonce (16 bytes)   2 how long, ms
-- Returns 1 when the nonce holds it now, 0 when another one does; {'BAD_ARGUMENT'}

-- @include arguments

local millis = whole(ARGV[2], 1, LONGEST_MILLIS)
if #KEYS ~= 1 or not is_id(ARGV[1]) or not millis then return {'BAD_ARGUMENT'} end

local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', millis)
return 1
