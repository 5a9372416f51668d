#!lua flags=allow-oom
-- Shows the next items in the order of reading and leaves them where they are.
--
-- What was invisible long enough is given back first. Looks at 1,000 ids at most, those of vanished items included.
--
-- KEYS  those of a queue, see include/queue
-- ARGV  1 channel   2 most items, 1 to 100
-- Returns
--   {'ITEMS', how many items died, then for each item: id, attempts so far, item}
--   {'AGAIN', how many items died}   there was more to give back than one call may
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include queue
-- @include queue_reclaim

local count = whole(ARGV[2], 1, MOST_ITEMS)
if not is_queue() or not count then
  return {'BAD_ARGUMENT'}
end

local now = now_millis()
local returned, died, more = reclaim(now)
wake(returned, now)
if more then return {'AGAIN', died} end

local reply, found, budget = {'ITEMS', died}, 0, 1000
local function look(list)
  local start = 0
  while found < count and budget > 0 do
    local elements = call('LRANGE', list, start, start + 99)
    if not elements[1] then return end
    start = start + #elements
    budget = budget - #elements
    local expiries, ids = expiries_of(elements, VISIBLE)
    for index, id in ipairs(ids) do
      local lives = found < count and expiries[index] and tonumber(expiries[index]) > now
      local item = lives and call('HGET', ITEMS, id)
      if item then
        local element = elements[index]
        found = found + 1
        reply[#reply + 1] = id
        reply[#reply + 1] = #element > 16 and struct.unpack('<H', element, 17) or 0
        reply[#reply + 1] = item
      end
    end
  end
end
for _, priority in ipairs(call('ZREVRANGE', PRIORITIES, 0, -1)) do
  if found == count or budget <= 0 then break end
  for rank = 1, 3 do look(list_of(priority, rank)) end
end
return reply
