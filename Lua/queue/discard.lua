#!lua flags=allow-oom
-- Deletes dead letters.
--
-- KEYS  those of a queue, see include/queue
-- ARGV  1 channel   2… ids of 1 to 100 letters
-- Returns
--   {'DISCARDED', how many there were, then the ids of those that the store holds, too}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include queue
-- @include queue_letters

if not is_queue() or #ARGV < 2 or #ARGV > 1 + MOST_ITEMS then
  return {'BAD_ARGUMENT'}
end
for index = 2, #ARGV do
  if not is_id(ARGV[index]) then return {'BAD_ARGUMENT'} end
end

local reply, all, removed = {'DISCARDED', 0}, letters(), {}
for index = 2, #ARGV do
  local id = ARGV[index]
  local letter = all[id]
  all[id] = nil
  if letter then
    local item = call('HGET', ITEMS, id)
    if item and string.byte(item) == 1 then reply[#reply + 1] = id end
    call('HDEL', ITEMS, id)
    call('LREM', DEAD, 1, letter.element)
    removed[#removed + 1] = id
  end
end
if removed[1] then remember(removed) end
reply[2] = #removed
return reply
