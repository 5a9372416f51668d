#!lua flags=allow-oom
-- Drops the hot copy, and the lease if it bears exactly this token. The caller has raised the store's fence.
--
-- KEYS  1 lease hash   2 hot copy hash
-- ARGV  1 token
-- Returns
--   {'UNLOCKED'}
--   {'NOT_HELD'}
--   {'BAD_ARGUMENT'}

-- @include arguments

local lease, hot = KEYS[1], KEYS[2]
if #KEYS ~= 2 or not whole(ARGV[1], 0, LARGEST) then
  return {'BAD_ARGUMENT'}
end

local held = redis.call('HGET', lease, 'token') == ARGV[1]
redis.call('DEL', hot)
if not held then
  return {'NOT_HELD'}
end
redis.call('DEL', lease)
return {'UNLOCKED'}
