#!lua flags=allow-oom
-- Looks after a queue: gives back what was invisible long enough, deletes what expired, and rids lists of ids whose
-- item is gone once these outnumber the items. Nothing depends on it but memory and the wakefulness of waiters.
--
-- KEYS  those of a queue, see include/queue
-- ARGV  1 channel
-- Returns
--   {'SWEPT', 1 if there is more to do, 1 if keys have vanished, items given back, items that died, items that
--       expired, visible items, invisible items, dead letters, bytes, age in ms of the oldest item at the head of a
--       list}   where keys have vanished, items may be out of reach: see queue/rebuild
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include queue
-- @include queue_reclaim
-- @include queue_drop

-- The most items that one call deletes from each set, and the most ids it looks at in lists.
local MOST_DROPPED = 100
local MOST_LOOKED_AT = 1000

if not is_queue() then
  return {'BAD_ARGUMENT'}
end

local now = now_millis()
local returned, died, more = reclaim(now)
wake(returned, now)
call('ZREMRANGEBYSCORE', WAITERS, '-inf', now - WAITER_MILLIS)

-- Removes what vanished from the head of a list, where items of equal life expire.
local budget = MOST_LOOKED_AT
local removed = 0
local function behead(list)
  while budget > 0 do
    local elements = call('LRANGE', list, 0, 99)
    if not elements[1] then return true end
    budget = budget - #elements
    local expiries = expiries_of(elements, VISIBLE)
    local vanished = 0
    while vanished < #elements and not expiries[vanished + 1] do vanished = vanished + 1 end
    if vanished > 0 then call('LTRIM', list, vanished, -1) end
    removed = removed + vanished
    if vanished < #elements then return false end
  end
  return false
end

local expired = call('ZRANGEBYSCORE', VISIBLE, '-inf', now, 'LIMIT', 0, MOST_DROPPED)
local lost = call('ZRANGEBYSCORE', INVISIBLE, '-inf', now, 'LIMIT', 0, MOST_DROPPED)
if lost[1] then drop(INVISIBLE, lost) end
if expired[1] then
  for priority in pairs(drop(VISIBLE, expired)) do
    local empty = true
    for rank = 1, 3 do empty = behead(list_of(priority, rank)) and empty end
    if empty then call('ZREM', PRIORITIES, priority) end
  end
end
more = more or #expired == MOST_DROPPED or #lost == MOST_DROPPED

-- Moves ids of living items from the longest list to the one that is read before it. Both keep their order.
local stale = call('HINCRBY', ITEMS, 'stale', #expired - removed)
local visible = call('ZCARD', VISIBLE)
local longest, length = nil, 0
if stale > 1000 and stale > visible then
  for _, priority in ipairs(call('ZRANGE', PRIORITIES, 0, -1)) do
    local found = call('LLEN', list_of(priority, 3))
    if found > length then longest, length = priority, found end
  end
end
if longest then
  local from, to = list_of(longest, 3), list_of(longest, 2)
  local ids = call('LPOP', from, MOST_LOOKED_AT)
  local expiries = call('ZMSCORE', VISIBLE, unpack(ids))
  local living = {}
  for index, id in ipairs(ids) do
    if expiries[index] then living[#living + 1] = id end
  end
  if living[1] then call('RPUSH', to, unpack(living)) end
  if length <= #ids and call('EXISTS', to) == 1 then call('RENAME', to, from) end
  stale = call('HINCRBY', ITEMS, 'stale', #living - #ids)
  more = more or stale > 1000 and stale > visible
elseif visible == 0 then
  -- No list holds a living id.
  for _, priority in ipairs(call('ZRANGE', PRIORITIES, 0, -1)) do
    call('UNLINK', list_of(priority, 1), list_of(priority, 2), list_of(priority, 3))
  end
  call('DEL', PRIORITIES)
  call('HDEL', ITEMS, 'stale')
end

local oldest = now
for _, priority in ipairs(call('ZRANGE', PRIORITIES, 0, 9)) do
  for rank = 1, 3 do
    local id = call('LINDEX', list_of(priority, rank), 0)
    local item = id and call('HGET', ITEMS, string.sub(id, 1, 16))
    if item then
      local _, _, added = struct.unpack('<Bdd', item)
      oldest = math.min(oldest, added)
    end
  end
end

-- Every item is visible, invisible or dead, every invisible one in a batch, and every batch is due some day.
local invisible, dead = call('ZCARD', INVISIBLE), call('LLEN', DEAD)
local counts = call('HMGET', ITEMS, 'bytes', 'stale', 'cursor', 'rebuild')
local others = 0
for index = 1, 4 do others = others + (counts[index] and 1 or 0) end
local batches = call('HLEN', BATCHES)
local vanished = call('HLEN', ITEMS) - others ~= visible + invisible + dead
  or call('ZCARD', DUE) ~= batches or invisible > 0 and batches == 0 and not more
  or visible > 0 and call('ZCARD', PRIORITIES) == 0
return {
  'SWEPT', more and 1 or 0, vanished and 1 or 0, returned, died, #expired + #lost, visible, invisible, dead,
  tonumber(counts[1]) or 0, now - oldest
}
