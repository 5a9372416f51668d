#!lua flags=allow-oom
-- Deletes a lease that this nonce holds, and names the server that waits for the record.
--
-- The waiter is kept for a while under the nonce, so that a retry after a lost reply gets the same answer.
-- The hot copy stays.
--
-- KEYS  1 lease hash   2 latch of this nonce
-- ARGV  1 nonce (16 bytes)   2 life of the latch, ms
-- Returns
--   {'RELEASED', server that waits or ''}
--   {'NOT_HELD', server that waited when this nonce released, or ''}
--   {'BAD_ARGUMENT'}

-- @include arguments

local lease, latch, nonce = KEYS[1], KEYS[2], ARGV[1]
local latch_millis = whole(ARGV[2], 1, LONGEST_MILLIS)
if #KEYS ~= 2 or not is_id(nonce) or not latch_millis then
  return {'BAD_ARGUMENT'}
end

local holder = redis.call('HMGET', lease, 'nonce', 'wanted_by')
if holder[1] ~= nonce then
  return {'NOT_HELD', redis.call('GET', latch) or ''}
end

-- Without a waiter the answer of a retry is the same anyway.
local waiter = holder[2] or ''
if waiter ~= '' then redis.call('SET', latch, waiter, 'PX', latch_millis) end
redis.call('DEL', lease)
return {'RELEASED', waiter}
