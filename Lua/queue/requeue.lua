#!lua
-- Puts dead letters back to the end of the queue, with no attempts and a new time to live. Refused under OOM.
--
-- Letters that the store holds, too, are left alone and named: they go through the store.
--
-- KEYS  those of a queue, see include/queue
-- ARGV  1 channel   2 most items   3 most bytes   4 time to live, ms, or '' for as long as each had at first
--       5… ids of 1 to 100 letters
-- Returns
--   {'REQUEUED', how many, then for each that the store holds: id, item}
--   {'FULL', items, bytes, how many items that expired and batches whose time is over wait to be swept}   nothing was done
--   {'PRIORITIES'}   there would be too many different priorities; nothing was done
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include queue
-- @include queue_bounds
-- @include queue_letters

local most_items, most_bytes = whole(ARGV[2], 1, LARGEST), whole(ARGV[3], 1, LARGEST)
local ttl = whole(ARGV[4], 1, LONGEST_TTL)
if not is_queue() or not (most_items and most_bytes) or not (ttl or ARGV[4] == '')
  or #ARGV < 5 or #ARGV > 4 + MOST_ITEMS then
  return {'BAD_ARGUMENT'}
end
for index = 5, #ARGV do
  if not is_id(ARGV[index]) then return {'BAD_ARGUMENT'} end
end

local now = now_millis()
local reply, chosen, bytes, priorities, added = {'REQUEUED', 0}, {}, 0, {}, 0
local all = letters()
for index = 5, #ARGV do
  local id = ARGV[index]
  local letter = all[id]
  local item = letter and call('HGET', ITEMS, id)
  all[id] = nil
  if item then
    local flags, priority, first, last = struct.unpack('<Bddd', item)
    if flags == 1 then
      reply[#reply + 1] = id
      reply[#reply + 1] = item
    else
      local value = string.sub(item, 1 + ITEM_HEAD)
      letter.id, letter.priority, letter.life, letter.value = id, priority, ttl or last - first, value
      chosen[#chosen + 1] = letter
      bytes = bytes + #value
      local text = text_of(priority)
      if not priorities[text] and not call('ZSCORE', PRIORITIES, text) then added = added + 1 end
      priorities[text] = true
    end
  end
end
if not chosen[1] then return reply end
local full = refusal(#chosen, bytes, most_items, most_bytes, now)
if full then return full end
if call('ZCARD', PRIORITIES) + added > MOST_PRIORITIES then return {'PRIORITIES'} end

for _, letter in ipairs(chosen) do
  local text, expires = text_of(letter.priority), now + letter.life
  call('LREM', DEAD, 1, letter.element)
  call('HSET', ITEMS, letter.id, pack_item(0, letter.priority, now, expires, letter.value))
  call('ZADD', VISIBLE, expires, letter.id)
  call('ZADD', PRIORITIES, text, text)
  call('RPUSH', list_of(text, 3), letter.id)
end
call('HINCRBY', ITEMS, 'bytes', bytes)
wake(#chosen, now)
reply[2] = #chosen
return reply
