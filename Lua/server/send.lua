#!lua
-- Puts a message into a server's inbox. Messages are hints: the oldest are dropped beyond the cap, all of
-- them when nobody sent anything for a while, and new ones are refused under OOM.
--
-- KEYS  1 inbox list
-- ARGV  1 message, at most 4,096 bytes   2 cap, 1 to 10,000   3 life of the inbox, ms
-- Returns
--   {'SENT', messages waiting}
--   {'BAD_ARGUMENT'}

-- @include arguments

local cap = whole(ARGV[2], 1, 10000)
local inbox_millis = whole(ARGV[3], 1, LONGEST_MILLIS)
if #KEYS ~= 1 or not is_text(ARGV[1], 4096) or not cap or not inbox_millis then
  return {'BAD_ARGUMENT'}
end

local waiting = redis.call('RPUSH', KEYS[1], ARGV[1])
if waiting > cap then
  redis.call('LTRIM', KEYS[1], -cap, -1)
  waiting = cap
end
redis.call('PEXPIRE', KEYS[1], inbox_millis)
return {'SENT', waiting}
