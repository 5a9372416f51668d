#!lua flags=allow-oom
-- Removes a server's beat if it is still this boot's.
--
-- KEYS  1 beat hash   2 index
-- ARGV  1 server   2 boot (16 bytes)
-- Returns
--   {'WITHDRAWN'}
--   {'NOT_HELD'}
--   {'BAD_ARGUMENT'}

-- @include arguments

if #KEYS ~= 2 or not is_text(ARGV[1], 256) or not is_id(ARGV[2]) then
  return {'BAD_ARGUMENT'}
end

if redis.call('HGET', KEYS[1], 'boot') ~= ARGV[2] then
  return {'NOT_HELD'}
end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
return {'WITHDRAWN'}
