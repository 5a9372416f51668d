#!lua
-- Writes an item of a map: in any case, or only over what the caller has read.
--
-- A request that is repeated after a lost reply is recognised by its nonce among the item's last 8 writes and gets the
-- same answer. Where that does not tell whether it took effect before (the item went away since it was read, or was
-- written 8 times), a conditional write says so and changes nothing; an unconditional one is done again.
-- Drops up to 10 expired items on the way, more where the map is full. Refused under OOM.
--
-- KEYS  1 items   2 order   3 ends   4 meta
-- ARGV  1 key, at most 512 bytes   2 value, at most 32,768 bytes   3 position, 1 to 520 bytes
--       4 life, ms, at most 45 days   5 nonce (8 bytes)
--       6 version to write over (8 bytes), '' if there was none, or ANY
--       7 '' at the first try, else the mark that came with the version, or 0
--       8 most items of the map   9 most bytes
-- Returns
--   {'WRITTEN', 1 if it replaced an item, else 0}
--   {'CONFLICT', mark, value, position, version (8 bytes)}   another version is there
--   {'CONFLICT', mark}   nothing is there
--   {'UNSETTLED'}   a repeated request whose first try cannot be told from none
--   {'RECLAIMING'}  full of expired items, some of which were dropped: try again
--   {'FULL', items, bytes}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include map

local key, value, position, nonce, expected = ARGV[1], ARGV[2], ARGV[3], ARGV[5], ARGV[6]
local life = whole(ARGV[4], 1, 3888000000)
local again = ARGV[7] ~= ''
local mark = not again or whole(ARGV[7], 0, LARGEST)
local most_items = whole(ARGV[8], 1, 1000000)
local most_bytes = whole(ARGV[9], 1, LARGEST)
if #KEYS ~= 4 or #ARGV ~= 9 or not is_text(key, 512) or not is_text(value, 32768) or not is_text(position, 520)
  or not life or #nonce ~= 8 or not (expected == 'ANY' or expected == '' or #expected == 8)
  or not mark or not most_items or not most_bytes then
  return {'BAD_ARGUMENT'}
end

local now = now_millis()
local map = open_map()
reclaim(map, now, 10)
local packed = redis.call('HGET', KEYS[1], key)
local found = packed and unpack_item(packed)
if found and found.ends <= now then
  drop(map, key, found)
  found = false
end

local function finish(reply)
  close_map(map)
  return reply
end

if again then
  if found then
    for at = 1, #found.writes, WRITE do
      if string.sub(found.writes, at + 1, at + 8) == nonce then
        return finish({'WRITTEN', string.byte(found.writes, at)})
      end
    end
  end
  local unchanged = found and found.version == expected
  local complete = map.removed == mark and (not found or #found.writes < REMEMBERED * WRITE)
  if expected ~= 'ANY' and not unchanged and not complete then
    return finish({'UNSETTLED'})
  end
end
if expected ~= 'ANY' and expected ~= (found and found.version or '') then
  if not found then return finish({'CONFLICT', map.removed}) end
  return finish({'CONFLICT', map.removed, found.value, found.position, found.version})
end

local item = {
  ends = now + life, position = position, value = value,
  writes = (found and string.sub(found.writes, -(REMEMBERED - 1) * WRITE) or '') .. (found and '\1' or '\0') .. nonce
}
local growth = size_of(key, item) - (found and size_of(key, found) or 0)
local function is_over()
  local count = not found and redis.call('HLEN', KEYS[1])
  return count and count >= most_items or map.bytes + growth > most_bytes, count
end
local over, count = is_over()
if over then
  local dropped = reclaim(map, now, 500)
  over, count = is_over()
  if over then
    return finish(dropped > 0 and {'RECLAIMING'} or {'FULL', redis.call('HLEN', KEYS[1]), map.bytes})
  end
end

if found and found.position ~= position then redis.call('ZREM', KEYS[2], found.position .. key) end
if not found or found.position ~= position then redis.call('ZADD', KEYS[2], 0, position .. key) end
redis.call('ZADD', KEYS[3], item.ends, key)
redis.call('HSET', KEYS[1], key, pack_item(item))
if growth ~= 0 then
  map.bytes = map.bytes + growth
  map.changed = true
end

-- The keys outlive their last item a little, so that a busy map need not move their end with every write. Keys that
-- went when the map was empty have none.
local is_late = item.ends > map.last
if is_late then
  map.last = item.ends + math.max(60000, math.floor(life / 8))
  map.changed = true
end
close_map(map)
if is_late or count == 0 then
  for index = 1, 4 do redis.call('PEXPIREAT', KEYS[index], map.last) end
end
return {'WRITTEN', found and 1 or 0}
