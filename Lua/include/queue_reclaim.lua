-- The most items that one call gives back.
local MOST_RECLAIMED = 100
-- The most dead letters that are kept; beyond, the oldest is dropped.
local MOST_LETTERS = 1000

-- Turns an item of a batch into a dead letter. It keeps its value but counts no longer.
local function bury(entry, now)
  call('ZREM', INVISIBLE, entry.id)
  call('HINCRBY', ITEMS, 'bytes', -entry.bytes)
  if call('RPUSH', DEAD, entry.id .. struct.pack('<Hd', entry.attempts, now)) > MOST_LETTERS then
    call('HDEL', ITEMS, string.sub(call('LPOP', DEAD), 1, 16))
  end
end

-- Gives back the items of batches whose time is over, in the order of those times.
-- Returns how many may be read again, how many died, and whether there is more to give back.
local function reclaim(now)
  local due = call('ZRANGEBYSCORE', DUE, '-inf', now, 'LIMIT', 0, MOST_RECLAIMED)
  if not due[1] then return 0, 0, false end
  local done, entries, more = {}, {}, #due == MOST_RECLAIMED
  for _, batch in ipairs(due) do
    if #entries >= MOST_RECLAIMED then
      more = true
      break
    end
    done[#done + 1] = batch
    local record = call('HGET', BATCHES, batch)
    if record then
      local found, most = entries_of(record)
      for _, entry in ipairs(found) do
        entry.dies = most > 0 and entry.attempts >= most
        entries[#entries + 1] = entry
      end
    end
  end
  call('HDEL', BATCHES, unpack(done))
  call('ZREM', DUE, unpack(done))
  if not entries[1] then return 0, 0, more end

  local ids = {}
  for index, entry in ipairs(entries) do ids[index] = entry.id end
  local expiries = call('ZMSCORE', INVISIBLE, unpack(ids))
  local back, scores, lists, died = {}, {}, {}, 0
  for index, entry in ipairs(entries) do
    local expires = expiries[index]
    -- What expired meanwhile is left to the sweep.
    if expires and tonumber(expires) > now then
      if entry.dies then
        bury(entry, now)
        died = died + 1
      else
        back[#back + 1] = entry.id
        scores[2 * #back - 1] = expires
        scores[2 * #back] = entry.id
        local priority = text_of(entry.priority)
        local list = lists[priority]
        if not list then
          list = {}
          lists[priority] = list
          call('ZADD', PRIORITIES, priority, priority)
        end
        list[#list + 1] = entry.id .. struct.pack('<H', entry.attempts)
      end
    end
  end
  if back[1] then
    call('ZREM', INVISIBLE, unpack(back))
    call('ZADD', VISIBLE, unpack(scores))
    for priority, list in pairs(lists) do call('RPUSH', list_of(priority, 1), unpack(list)) end
  end
  return #back, died, more
end
