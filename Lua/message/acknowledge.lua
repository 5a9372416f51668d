#!lua flags=allow-oom
-- Removes messages that were handled, remembers that for ten minutes, and tells whoever waits for it.
--
-- KEYS  1 waiting list   2 taken sorted set   3 messages hash   4 deliveries hash   5 acknowledged sorted set
-- ARGV  1 Pub/Sub channel of those who wait   2… 1 to 100 ids (16 bytes)
-- Returns
--   {'ACKNOWLEDGED'}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include inbox

local waiting, taken, messages, deliveries, done = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local channel = ARGV[1]
if #KEYS ~= 5 or not is_text(channel, 1024) or #ARGV < 2 or #ARGV > 101 then
  return {'BAD_ARGUMENT'}
end
for index = 2, #ARGV do
  if not is_id(ARGV[index]) then return {'BAD_ARGUMENT'} end
end

local now = now_millis()
for index = 2, #ARGV do
  local id = ARGV[index]
  redis.call('ZADD', done, string.format('%.0f', now), id)
  redis.call('HDEL', messages, id)
  redis.call('HDEL', deliveries, id)
  -- It may wait already to be delivered again.
  if redis.call('ZREM', taken, id) == 0 then redis.call('LREM', waiting, 1, id) end
  redis.pcall('PUBLISH', channel, id)
end
redis.call('ZREMRANGEBYSCORE', done, '-inf', string.format('%.0f', now - DONE_MILLIS))
redis.call('ZREMRANGEBYRANK', done, 0, -MOST_DONE - 1)
keep_until(done, now + DONE_MILLIS)
return {'ACKNOWLEDGED'}
