-- Deletes items that expired, from the set that holds them. Their ids in lists or batches are skipped later.
-- Returns their priorities as a set.
local function drop(set, ids)
  local bytes, priorities = 0, {}
  for _, item in ipairs(call('HMGET', ITEMS, unpack(ids))) do
    if item then
      bytes = bytes + #item - ITEM_HEAD
      local _, priority = struct.unpack('<Bd', item)
      priorities[text_of(priority)] = true
    end
  end
  call('HDEL', ITEMS, unpack(ids))
  call('ZREM', set, unpack(ids))
  call('HINCRBY', ITEMS, 'bytes', -bytes)
  return priorities
end
