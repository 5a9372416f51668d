#!lua flags=no-writes
-- Says what became of a message.
--
-- KEYS  1 waiting list   2 taken sorted set   3 messages hash   4 deliveries hash   5 acknowledged sorted set
-- ARGV  1 id (16 bytes)
-- Returns
--   {'WAITING'}        not acknowledged yet
--   {'ACKNOWLEDGED'}   within the last ten minutes
--   {'GONE'}           expired, lost, or never there
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include inbox

if #KEYS ~= 5 or not is_id(ARGV[1]) then
  return {'BAD_ARGUMENT'}
end

if redis.call('ZSCORE', KEYS[5], ARGV[1]) then return {'ACKNOWLEDGED'} end
local message = redis.call('HGET', KEYS[3], ARGV[1])
if message and expiry_of(message) > now_millis() then return {'WAITING'} end
return {'GONE'}
