#!lua flags=no-writes
-- Says which entries of the queue's durable log it has pushed and no longer holds: the store may forget those.
--
-- Position and contents are read at one moment, so an entry still to be pushed is never among them.
--
-- KEYS  those of a queue, see include/queue
-- ARGV  1 channel   2 generation of the log (16 bytes)   3… for each of up to 100 entries: number, id (16 bytes)
-- Returns
--   {'GONE', then the ids of such entries}
--   {'OTHER'}   the queue follows another log, or none
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include queue

if not is_queue() or not is_id(ARGV[2]) or #ARGV % 2 ~= 0 or #ARGV > 2 + 2 * MOST_ITEMS then
  return {'BAD_ARGUMENT'}
end
local known = call('HGET', ITEMS, 'cursor')
if not known or string.sub(known, 1, 16) ~= ARGV[2] then
  return {'OTHER'}
end
local cursor = tonumber(string.sub(known, 17)) or 0

local reply = {'GONE'}
for index = 3, #ARGV, 2 do
  local number, id = whole(ARGV[index], 1, LARGEST), ARGV[index + 1]
  if not number or not is_id(id) then return {'BAD_ARGUMENT'} end
  if number <= cursor and call('HEXISTS', ITEMS, id) == 0 then
    reply[#reply + 1] = id
  end
end
return reply
