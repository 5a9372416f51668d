#!lua
-- Adds items that share a priority and a time to live, all or none. Refused under OOM.
--
-- An item that is there already is passed over; so is one that was removed a moment ago, where the request says that
-- it may have been sent before.
--
-- KEYS  those of a queue, see include/queue
-- ARGV  1 channel   2 1 if it may have been sent before, else 0   3 most items   4 most bytes   5 priority
--       6 time to live, ms   7… for each of 1 to 100 items: id (16 bytes), value (at most 32,768 bytes)
-- Returns
--   {'ADDED', how many are new}
--   {'FULL', items, bytes, how many items that expired and batches whose time is over wait to be swept}
--   {'PRIORITIES'}   there are as many different priorities as there may be
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include queue
-- @include queue_bounds

local repeated = whole(ARGV[2], 0, 1)
local most_items, most_bytes = whole(ARGV[3], 1, LARGEST), whole(ARGV[4], 1, LARGEST)
local priority = priority_of(ARGV[5])
local ttl = whole(ARGV[6], 1, LONGEST_TTL)
local arguments = #ARGV - 6
if not is_queue() or not (repeated and most_items and most_bytes and priority and ttl)
  or arguments < 2 or arguments > 2 * MOST_ITEMS or arguments % 2 ~= 0 then
  return {'BAD_ARGUMENT'}
end
local ids, gone = {}, {}
for index = 7, #ARGV, 2 do
  if not is_id(ARGV[index]) or #ARGV[index + 1] > LONGEST_VALUE then return {'BAD_ARGUMENT'} end
  ids[#ids + 1] = ARGV[index]
end

local now = now_millis()
if repeated == 1 then
  for _, id in ipairs(call('LRANGE', GONE, 0, -1)) do gone[id] = true end
end
-- Even a first request may find its items there: a repetition over a new connection can overtake it.
local there = call('HMGET', ITEMS, unpack(ids))
local fields, scores, fresh, bytes = {}, {}, {}, 0
for index, id in ipairs(ids) do
  if not there[index] and not gone[id] then
    local value, count = ARGV[6 + 2 * index], #fresh + 1
    gone[id] = true
    fresh[count] = id
    fields[2 * count - 1] = id
    fields[2 * count] = pack_item(0, priority, now, now + ttl, value)
    scores[2 * count - 1] = now + ttl
    scores[2 * count] = id
    bytes = bytes + #value
  end
end
if not fresh[1] then return {'ADDED', 0} end

local full = refusal(#fresh, bytes, most_items, most_bytes, now)
if full then return full end
local text = text_of(priority)
if not call('ZSCORE', PRIORITIES, text) then
  if call('ZCARD', PRIORITIES) >= MOST_PRIORITIES then return {'PRIORITIES'} end
  call('ZADD', PRIORITIES, text, text)
end
call('HSET', ITEMS, unpack(fields))
call('HINCRBY', ITEMS, 'bytes', bytes)
call('ZADD', VISIBLE, unpack(scores))
call('RPUSH', list_of(text, 3), unpack(fresh))
wake(#fresh, now)
return {'ADDED', #fresh}
