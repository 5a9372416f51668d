#!lua flags=allow-oom
-- Removes a batch with its items, unless its time is over.
--
-- KEYS  those of a queue, see include/queue
-- ARGV  1 channel   2 batch id (16 bytes)   3 1 if it may have been sent before, else 0
-- Returns
--   {'REMOVED', how many items there still were, then the ids of those that the store holds, too}
--   {'LATE'}   given back, removed before, or never there
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include queue

local batch, repeated = ARGV[2], whole(ARGV[3], 0, 1)
if not is_queue() or not is_id(batch) or not repeated then
  return {'BAD_ARGUMENT'}
end

local now = now_millis()
local due = tonumber(call('ZSCORE', DUE, batch))
if not due or due <= now then
  if repeated == 1 and not due and call('LPOS', GONE, batch) then return {'REMOVED', 0} end
  return {'LATE'}
end

local ids = {}
local entries = entries_of(call('HGET', BATCHES, batch) or '')
for index, entry in ipairs(entries) do ids[index] = entry.id end
local reply, there, bytes = {'REMOVED', 0}, {}, 0
if ids[1] then
  local expiries = call('ZMSCORE', INVISIBLE, unpack(ids))
  for index, entry in ipairs(entries) do
    -- Durable ones are named even when they expired: the store holds its own copy.
    if entry.flags == 1 then reply[#reply + 1] = entry.id end
    if expiries[index] then
      there[#there + 1] = entry.id
      bytes = bytes + entry.bytes
    end
  end
end
reply[2] = #there
if there[1] then
  call('HDEL', ITEMS, unpack(there))
  call('ZREM', INVISIBLE, unpack(there))
  call('HINCRBY', ITEMS, 'bytes', -bytes)
end
call('HDEL', BATCHES, batch)
call('ZREM', DUE, batch)
ids[#ids + 1] = batch
remember(ids)
return reply
