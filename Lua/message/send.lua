#!lua
-- Puts a message into a server's inbox, once under its id.
--
-- KEYS  1 waiting list   2 taken sorted set   3 messages hash   4 deliveries hash   5 acknowledged sorted set
-- ARGV  1 id (16 bytes)   2 time to live, ms   3 message, 1 to 65,536 bytes   4 most messages, 1 to 10,000
--       5 Pub/Sub channel of the server
-- Returns
--   {'SENT'}
--   {'KNOWN'}   it is there already, or was acknowledged lately
--   {'FULL', messages}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include inbox

local waiting, messages, done, id = KEYS[1], KEYS[3], KEYS[5], ARGV[1]
local life = whole(ARGV[2], 1, LONGEST_MILLIS)
local most = whole(ARGV[4], 1, 10000)
if #KEYS ~= 5 or not is_id(id) or not life or not is_text(ARGV[3], 65536) or not most or not is_text(ARGV[5], 1024)
then
  return {'BAD_ARGUMENT'}
end

if redis.call('HEXISTS', messages, id) == 1 or redis.call('ZSCORE', done, id) then
  return {'KNOWN'}
end
local now = now_millis()
local count = redis.call('HLEN', messages)
-- Room is made by what expired at the old end.
for _ = 1, 200 do
  if count < most then break end
  local oldest = redis.call('LINDEX', waiting, 0)
  local message = oldest and redis.call('HGET', messages, oldest)
  if not oldest or (message and expiry_of(message) > now) then return {'FULL', count} end
  redis.call('LPOP', waiting)
  redis.call('HDEL', KEYS[4], oldest)
  count = count - redis.call('HDEL', messages, oldest)
end
if count >= most then return {'FULL', count} end

redis.call('HSET', messages, id, digits(now) .. digits(now + life) .. ARGV[3])
local length = redis.call('RPUSH', waiting, id)
keep_until(waiting, now + life)
keep_until(messages, now + life)
-- Whoever empties an inbox reads until it is empty, so only the first has to be told.
if length == 1 then redis.pcall('PUBLISH', ARGV[5], 'new') end
return {'SENT'}
