#!lua flags=no-writes
-- Shows dead letters, the newest first.
--
-- KEYS  those of a queue, see include/queue
-- ARGV  1 channel   2 most letters, 1 to 100   3 id (16 bytes) of the letter after which to begin, or ''
-- Returns
--   {'LETTERS', then for each letter: id, attempts, time of death in ms, item}
--   {'UNKNOWN'}   there is no letter of that id
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include queue
-- @include queue_letters

local count = whole(ARGV[2], 1, MOST_ITEMS)
if not is_queue() or not count or not (ARGV[3] == '' or is_id(ARGV[3])) then
  return {'BAD_ARGUMENT'}
end
local last = -1
if ARGV[3] ~= '' then
  local letter = letters()[ARGV[3]]
  local index = letter and call('LPOS', DEAD, letter.element)
  if not index then return {'UNKNOWN'} end
  last = index - 1 - call('LLEN', DEAD)
end

local reply = {'LETTERS'}
local elements = call('LRANGE', DEAD, last - count + 1, last)
for index = #elements, 1, -1 do
  local id = string.sub(elements[index], 1, 16)
  local attempts, died = struct.unpack('<Hd', elements[index], 17)
  local item = call('HGET', ITEMS, id)
  if item then
    reply[#reply + 1] = id
    reply[#reply + 1] = attempts
    reply[#reply + 1] = string.format('%.0f', died)
    reply[#reply + 1] = item
  end
end
return reply
