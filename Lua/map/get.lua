#!lua flags=no-writes
-- Reads an item of a map.
--
-- KEYS  1 items   2 order   3 ends   4 meta
-- ARGV  1 key, at most 512 bytes   2 1 to get the mark, which a conditional write needs, else 0
-- Returns
--   {'ITEM', mark or 0, value, position, version (8 bytes)}
--   {'ABSENT', mark or 0}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include map

local key = ARGV[1]
local marked = whole(ARGV[2], 0, 1)
if #KEYS ~= 4 or #ARGV ~= 2 or not is_text(key, 512) or not marked then
  return {'BAD_ARGUMENT'}
end

local mark = 0
if marked == 1 then mark = open_map().removed end
local packed = redis.call('HGET', KEYS[1], key)
if packed then
  local item = unpack_item(packed)
  if item.ends > now_millis() then
    return {'ITEM', mark, item.value, item.position, item.version}
  end
end
return {'ABSENT', mark}
