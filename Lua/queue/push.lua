#!lua
-- Takes entries of the queue's durable log, strictly in the order of the log. Refused under OOM.
--
-- The queue knows how far it has pushed which log. It skips what it has, takes what follows, and refuses entries
-- that begin after a gap: it lost data, and the caller has to begin where the queue is. An entry whose id it holds
-- is passed over. Another log begins at 0, and so does one that was found to end before the queue's place.
--
-- KEYS  those of a queue, see include/queue
-- ARGV  1 channel   2 most items   3 most bytes   4 generation of the log (16 bytes)   5 place beyond the end of the
--       log, to be forgotten, or ''   6 number after which the entries begin   7… for each of 0 to 100 entries, in
--       order: number, id (16 bytes), priority, time of adding in ms, expiry in ms, value (at most 32,768 bytes)
-- Returns
--   {'PUSHED', number up to which all is pushed, how many entries were taken, 1 if the queue is full else 0}
--   {'BEHIND', number after which the entries must begin}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include queue

local FIELDS = 6
local most_items, most_bytes = whole(ARGV[2], 1, LARGEST), whole(ARGV[3], 1, LARGEST)
local generation, beyond, after = ARGV[4], ARGV[5], whole(ARGV[6], 0, LARGEST)
if not is_queue() or not (most_items and most_bytes) or not is_id(generation)
  or not (after and (beyond == '' or whole(beyond, 0, LARGEST))) or (#ARGV - 6) % FIELDS ~= 0 or #ARGV - 6 > FIELDS * MOST_ITEMS then
  return {'BAD_ARGUMENT'}
end
local entries, previous = {}, after
for index = 7, #ARGV, FIELDS do
  local entry = {
    number = whole(ARGV[index], 1, LARGEST), id = ARGV[index + 1], priority = priority_of(ARGV[index + 2]),
    added = whole(ARGV[index + 3], 0, LARGEST), expires = whole(ARGV[index + 4], 0, LARGEST), value = ARGV[index + 5]
  }
  if not (entry.number and entry.priority and entry.added and entry.expires) or not is_id(entry.id)
    or #entry.value > LONGEST_VALUE or entry.number <= previous then
    return {'BAD_ARGUMENT'}
  end
  previous = entry.number
  entries[#entries + 1] = entry
end

local known = call('HGET', ITEMS, 'cursor') or ''
local cursor = 0
if string.sub(known, 1, 16) == generation and string.sub(known, 17) ~= beyond then
  cursor = tonumber(string.sub(known, 17)) or 0
end
if cursor < after then return {'BEHIND', string.format('%.0f', cursor)} end

local now = now_millis()
local items, held = call('ZCARD', VISIBLE) + call('ZCARD', INVISIBLE), tonumber(call('HGET', ITEMS, 'bytes')) or 0
local distinct = call('ZCARD', PRIORITIES)
local taken, full = 0, false
for _, entry in ipairs(entries) do
  if entry.number > cursor then
    if entry.expires > now and call('HEXISTS', ITEMS, entry.id) == 0 then
      local text = text_of(entry.priority)
      local is_new = not call('ZSCORE', PRIORITIES, text)
      if items >= most_items or held + #entry.value > most_bytes or is_new and distinct >= MOST_PRIORITIES then
        full = true
        break
      end
      if is_new then
        call('ZADD', PRIORITIES, text, text)
        distinct = distinct + 1
      end
      call('HSET', ITEMS, entry.id, pack_item(1, entry.priority, entry.added, entry.expires, entry.value))
      call('ZADD', VISIBLE, entry.expires, entry.id)
      call('RPUSH', list_of(text, 3), entry.id)
      items, held, taken = items + 1, held + #entry.value, taken + 1
    end
    cursor = entry.number
  end
end
local place = string.format('%.0f', cursor)
call('HSET', ITEMS, 'cursor', generation .. place, 'bytes', string.format('%.0f', held))
if taken > 0 then wake(taken, now) end
return {'PUSHED', place, taken, full and 1 or 0}
