#!lua flags=allow-oom
-- Removes an item of a map, and up to 10 expired ones.
--
-- KEYS  1 items   2 order   3 ends   4 meta
-- ARGV  1 key, at most 512 bytes
-- Returns
--   {'REMOVED'}
--   {'ABSENT'}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include map

local key = ARGV[1]
if #KEYS ~= 4 or #ARGV ~= 1 or not is_text(key, 512) then
  return {'BAD_ARGUMENT'}
end

local now = now_millis()
local map = open_map()
reclaim(map, now, 10)
-- What has expired and is still there goes, too, but was not there for the caller.
local packed = redis.call('HGET', KEYS[1], key)
local item = packed and unpack_item(packed)
if item then drop(map, key, item) end
close_map(map)
return {item and item.ends > now and 'REMOVED' or 'ABSENT'}
