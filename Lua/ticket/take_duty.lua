#!lua flags=allow-oom
-- Takes or keeps the duty of matching a pool's tickets. It saves double work and nothing else: tickets are matched
-- once whoever does it.
--
-- KEYS  1 duty
-- ARGV  1 nonce of the matchmaker (16 bytes)   2 life, ms   3 1 to take it, 0 to give it back
-- Returns
--   {'MINE'}
--   {'ANOTHER'}
--   {'FREE'}   given back
--   {'BAD_ARGUMENT'}

-- @include arguments

local life, takes = whole(ARGV[2], 1, LONGEST_MILLIS), whole(ARGV[3], 0, 1)
if #KEYS ~= 1 or #ARGV ~= 3 or not is_id(ARGV[1]) or not life or not takes then
  return {'BAD_ARGUMENT'}
end

local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
  return {'ANOTHER'}
end
if takes == 0 then
  redis.call('DEL', KEYS[1])
  return {'FREE'}
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', life)
return {'MINE'}
