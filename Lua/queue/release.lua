#!lua flags=allow-oom
-- Gives items of a batch back before its time is over, at once or after a delay.
--
-- They become a batch of their own that nobody can name, due when the delay is over.
--
-- KEYS  those of a queue, see include/queue
-- ARGV  1 channel   2 batch id (16 bytes)   3 delay, ms   4 id of the new batch (16 bytes)
--       5 1 if it may have been sent before, else 0   6… ids of up to 100 items; none for all
-- Returns
--   {'RELEASED', how many items, how many of them died}
--   {'LATE'}   given back, removed, or never there
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include queue
-- @include queue_reclaim

local batch, delay, other = ARGV[2], whole(ARGV[3], 0, LONGEST_TTL), ARGV[4]
local repeated = whole(ARGV[5], 0, 1)
if not is_queue() or not is_id(batch) or not delay or not is_id(other) or not repeated
  or #ARGV > 5 + MOST_ITEMS then
  return {'BAD_ARGUMENT'}
end
local named = {}
for index = 6, #ARGV do
  if not is_id(ARGV[index]) then return {'BAD_ARGUMENT'} end
  named[ARGV[index]] = true
end

local now = now_millis()
local due = tonumber(call('ZSCORE', DUE, batch))
local record = call('HGET', BATCHES, batch)
if not due or due <= now or not record then
  if repeated == 1 and call('LPOS', GONE, other) then return {'RELEASED', 0, 0} end
  return {'LATE'}
end

local kept, released = {string.sub(record, 1, 2)}, {string.sub(record, 1, 2)}
for position = 3, #record, ENTRY_BYTES do
  local entry = string.sub(record, position, position + ENTRY_BYTES - 1)
  local list = (#ARGV == 5 or named[string.sub(entry, 1, 16)]) and released or kept
  list[#list + 1] = entry
end
if #released == 1 then return {'RELEASED', 0, 0} end
if #kept == 1 then
  call('HDEL', BATCHES, batch)
  call('ZREM', DUE, batch)
else
  call('HSET', BATCHES, batch, table.concat(kept))
end
call('HSET', BATCHES, other, table.concat(released))
call('ZADD', DUE, now + delay, other)
remember({other})
local died = 0
if delay == 0 then
  local returned
  returned, died = reclaim(now)
  wake(returned, now)
end
return {'RELEASED', #released - 1, died}
