#!lua flags=allow-oom
-- Takes the oldest messages of an inbox. Those that nobody acknowledges in time are delivered again.
--
-- KEYS  1 waiting list   2 taken sorted set   3 messages hash   4 deliveries hash   5 acknowledged sorted set
-- ARGV  1 most messages, 1 to 100   2 time until a message is delivered again, ms
-- Returns
--   {'MESSAGES', then for each: id, deliveries so far, sent and expires in ms since 1970, message}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include inbox

local waiting, taken, messages, deliveries = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local most = whole(ARGV[1], 1, 100)
local hidden = whole(ARGV[2], 1, LONGEST_MILLIS)
if #KEYS ~= 5 or not most or not hidden then
  return {'BAD_ARGUMENT'}
end
local MOST_BYTES = 262144

local now = now_millis()
local due = redis.call('ZRANGEBYSCORE', taken, '-inf', string.format('%.0f', now), 'LIMIT', 0, 100)
for index = #due, 1, -1 do
  redis.call('ZREM', taken, due[index])
  redis.call('LPUSH', waiting, due[index])
end

local reply, bytes = {'MESSAGES'}, 0
-- Some of what waits may have expired or been acknowledged late.
for _ = 1, most + 200 do
  if #reply > most * 5 then break end
  local id = redis.call('LPOP', waiting)
  if not id then break end
  local message = redis.call('HGET', messages, id)
  if message and expiry_of(message) <= now then
    redis.call('HDEL', messages, id)
    redis.call('HDEL', deliveries, id)
  elseif message then
    bytes = bytes + #message
    if #reply > 1 and bytes > MOST_BYTES then
      redis.call('LPUSH', waiting, id)
      break
    end
    reply[#reply + 1] = id
    reply[#reply + 1] = redis.call('HINCRBY', deliveries, id, 1)
    reply[#reply + 1] = string.sub(message, 1, 16)
    reply[#reply + 1] = string.sub(message, 17, 32)
    reply[#reply + 1] = string.sub(message, 33)
    redis.call('ZADD', taken, string.format('%.0f', now + hidden), id)
    keep_until(taken, expiry_of(message))
    keep_until(deliveries, expiry_of(message))
  end
end
-- A list that was emptied and filled again is a new key, without an end.
keep_until(waiting, math.max(redis.call('PEXPIRETIME', messages), now))
return reply
