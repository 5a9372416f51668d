#!lua flags=allow-oom
-- Hides a batch for another while from now, unless its time is over.
--
-- KEYS  those of a queue, see include/queue
-- ARGV  1 channel   2 batch id (16 bytes)   3 time that it stays invisible, ms
-- Returns
--   {'EXTENDED'}
--   {'LATE'}   given back, removed, or never there
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include queue

local batch, life = ARGV[2], whole(ARGV[3], 1, LONGEST_TTL)
if not is_queue() or not is_id(batch) or not life then
  return {'BAD_ARGUMENT'}
end

local now = now_millis()
local due = tonumber(call('ZSCORE', DUE, batch))
if not due or due <= now then
  return {'LATE'}
end
call('ZADD', DUE, now + life, batch)
return {'EXTENDED'}
