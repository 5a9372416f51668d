#!lua flags=allow-oom
-- Takes the next items into a batch, which makes them invisible for a while.
--
-- The same batch id again returns the same batch. What was invisible long enough is given back first.
--
-- KEYS  those of a queue, see include/queue
-- ARGV  1 channel   2 batch id (16 bytes)   3 most items, 1 to 100   4 1 for exactly that many or none, else 0
--       5 time that they stay invisible, ms   6 attempts after which an item dies, 0 for never
--       7 process that will wait if there is nothing (16 bytes), or ''
-- Returns
--   {'BATCH', how many items died, ms left, then for each item: id, attempts with this one, item}
--   {'EMPTY', how many items died}
--   {'AGAIN', how many items died}   nothing found yet, but one call may do no more
--   {'LOST', how many items died}   there are items that no list leads to: keys have vanished
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include queue
-- @include queue_reclaim
-- @include queue_drop

local batch, waiter = ARGV[2], ARGV[7]
local count, all = whole(ARGV[3], 1, MOST_ITEMS), whole(ARGV[4], 0, 1)
local life = whole(ARGV[5], 1, LONGEST_TTL)
local most_attempts = whole(ARGV[6], 0, 65535)
if not is_queue() or not is_id(batch) or not (count and all and life and most_attempts)
  or not (waiter == '' or is_id(waiter)) then
  return {'BAD_ARGUMENT'}
end

local now = now_millis()
local returned, died, more = reclaim(now)

local record = call('HGET', BATCHES, batch)
if record then
  local left = (tonumber(call('ZSCORE', DUE, batch)) or 0) - now
  if left <= 0 then return {'AGAIN', died} end
  local reply = {'BATCH', died, left}
  for _, entry in ipairs((entries_of(record))) do
    local expires = call('ZSCORE', INVISIBLE, entry.id)
    local item = expires and tonumber(expires) > now and call('HGET', ITEMS, entry.id)
    if item then
      reply[#reply + 1] = entry.id
      reply[#reply + 1] = entry.attempts
      reply[#reply + 1] = item
    end
  end
  return reply
end

local function nothing()
  wake(returned, now)
  if more then return {'AGAIN', died} end
  if waiter ~= '' then call('ZADD', WAITERS, now, waiter) end
  return {'EMPTY', died}
end
local visible = call('ZCOUNT', VISIBLE, '(' .. string.format('%.0f', now), '+inf')
if visible == 0 or all == 1 and visible < count then return nothing() end

-- Takes ids from the lists, the highest priority first. `budget` bounds the ids that one call looks at.
local budget = count + 500
local taken, seen, expired, stale = {}, {}, {}, 0
local function take(list, priority)
  while #taken < count and budget > 0 do
    local want = math.min(count - #taken, budget)
    local elements = call('LPOP', list, want)
    if not elements then return end
    budget = budget - #elements
    local expiries, ids = expiries_of(elements, VISIBLE)
    local items = call('HMGET', ITEMS, unpack(ids))
    for index, id in ipairs(ids) do
      local expires, item, element = expiries[index], items[index], elements[index]
      if not expires or not item or seen[id] then
        stale = stale + 1
      elseif tonumber(expires) <= now then
        expired[#expired + 1] = id
      else
        seen[id] = true
        local attempts = #element > 16 and struct.unpack('<H', element, 17) or 0
        taken[#taken + 1] = {
          id = id, attempts = math.min(attempts + 1, 65535), expires = expires, item = item, list = list,
          element = element, priority = priority
        }
      end
    end
    if #elements < want then return end
  end
end
while #taken < count and budget > 0 do
  local priority = call('ZREVRANGE', PRIORITIES, 0, 0)[1]
  if not priority then break end
  for rank = 1, 3 do take(list_of(priority, rank), priority) end
  if #taken < count and budget > 0 then call('ZREM', PRIORITIES, priority) end
end
if stale > 0 then call('HINCRBY', ITEMS, 'stale', -stale) end
if expired[1] then drop(VISIBLE, expired) end

if #taken == 0 or all == 1 and #taken < count then
  for index = #taken, 1, -1 do
    call('LPUSH', taken[index].list, taken[index].element)
    call('ZADD', PRIORITIES, taken[index].priority, taken[index].priority)
  end
  return {budget > 0 and 'LOST' or 'AGAIN', died}
end

local ids, scores = {}, {}
local entries, reply = {struct.pack('<H', most_attempts)}, {'BATCH', died, life}
for index, one in ipairs(taken) do
  ids[index] = one.id
  scores[2 * index - 1] = one.expires
  scores[2 * index] = one.id
  entries[index + 1] = struct.pack(
    '<c16HBId', one.id, one.attempts, string.byte(one.item), #one.item - ITEM_HEAD, tonumber(one.priority)
  )
  reply[3 * index + 1] = one.id
  reply[3 * index + 2] = one.attempts
  reply[3 * index + 3] = one.item
end
call('ZREM', VISIBLE, unpack(ids))
call('ZADD', INVISIBLE, unpack(scores))
call('HSET', BATCHES, batch, table.concat(entries))
call('ZADD', DUE, now + life, batch)
if waiter ~= '' then call('ZREM', WAITERS, waiter) end
-- Whoever leaves some behind passes the word on.
if visible > #taken then wake(1, now) end
return reply
