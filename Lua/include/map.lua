-- A map lives in four keys: KEYS 1 items (hash: key to packed item), 2 order (sorted set, all scores 0: position and
-- key), 3 ends (sorted set: key by end, ms since 1970), 4 meta (hash: bytes, removed, last).
--
-- A packed item is its end (6 bytes), how many writes it remembers (1 byte), the length of its position (2 bytes),
-- those writes, the oldest first (9 bytes each: 1 if it replaced an item, else 0, and the nonce), the position, the
-- value. The nonce of the last write is the item's version. The position is a class (1 byte) and the encoded sort key;
-- it sorts before its key in `order` as bytes.
local HEAD, WRITE, REMEMBERED = 9, 9, 8

local function unpack_item(packed)
  local ends, writes, length = struct.unpack('>I6BI2', packed)
  local position_at = HEAD + WRITE * writes + 1
  return {
    ends = ends,
    writes = string.sub(packed, HEAD + 1, position_at - 1),
    version = string.sub(packed, position_at - 8, position_at - 1),
    position = string.sub(packed, position_at, position_at + length - 1),
    value = string.sub(packed, position_at + length)
  }
end

local function pack_item(item)
  return struct.pack('>I6BI2', item.ends, #item.writes / WRITE, #item.position)
    .. item.writes .. item.position .. item.value
end

-- What counts against the map's limit.
local function size_of(key, item)
  return #key + #item.position + #item.value
end

-- Reads the counters: bytes of all items, how many items have gone, when the four keys end.
local function open_map()
  local found = redis.call('HMGET', KEYS[4], 'bytes', 'removed', 'last')
  return {
    bytes = tonumber(found[1]) or 0, removed = tonumber(found[2]) or 0, last = tonumber(found[3]) or 0
  }
end

local function close_map(map)
  if map.changed then redis.call('HSET', KEYS[4], 'bytes', map.bytes, 'removed', map.removed, 'last', map.last) end
end

local function drop(map, key, item)
  redis.call('HDEL', KEYS[1], key)
  redis.call('ZREM', KEYS[2], item.position .. key)
  redis.call('ZREM', KEYS[3], key)
  map.bytes = map.bytes - size_of(key, item)
  map.removed = map.removed + 1
  map.changed = true
end

-- Drops expired items, at most `most` of them and about a megabyte; returns how many.
local function reclaim(map, now, most)
  local keys = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, most)
  local bytes = 0
  for count = 1, #keys do
    local packed = redis.call('HGET', KEYS[1], keys[count])
    drop(map, keys[count], unpack_item(packed))
    bytes = bytes + #packed
    if bytes > 1048576 then return count end
  end
  return #keys
end
