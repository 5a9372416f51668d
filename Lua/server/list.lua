#!lua flags=no-writes
-- Reads the beats of servers.
--
-- KEYS  1 to 100 beat hashes
-- ARGV  none
-- Returns
--   {'BEATS', then for each server that beats: {server, boot, number, sessions, doubtful sessions,
--       unsaved age in ms, lease margin in ms or '', 1 if draining else 0, status, ms since the beat,
--       1 if critical else 0}}
--   {'BAD_ARGUMENT'}

-- @include clock

if #KEYS < 1 or #KEYS > 100 then
  return {'BAD_ARGUMENT'}
end

local now = now_millis()
local reply = {'BEATS'}
for position = 1, #KEYS do
  local row = redis.call(
    'HMGET', KEYS[position], 'server', 'boot', 'number', 'sessions', 'doubtful',
    'unsaved_millis', 'margin_millis', 'draining', 'status', 'at', 'critical'
  )
  if row[1] then
    row[10] = math.max(now - (tonumber(row[10]) or now), 0)
    -- Builds that did not know of it wrote none.
    row[11] = row[11] or '0'
    reply[#reply + 1] = row
  end
end
return reply
