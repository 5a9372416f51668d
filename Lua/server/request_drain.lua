#!lua flags=allow-oom
-- Asks a server to drain: its next beat tells it.
--
-- KEYS  1 beat hash
-- ARGV  none
-- Returns
--   {'ASKED'}
--   {'ABSENT'}   the server does not beat
--   {'BAD_ARGUMENT'}

if #KEYS ~= 1 then
  return {'BAD_ARGUMENT'}
end

if redis.call('EXISTS', KEYS[1]) == 0 then
  return {'ABSENT'}
end
redis.call('HSET', KEYS[1], 'drain', '1')
return {'ASKED'}
