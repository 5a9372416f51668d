#!lua flags=allow-oom
-- Reads the items between two places of a map's order, and drops up to 200 expired ones.
--
-- Looks at no more than 1,000 items and about two megabytes; a caller that still wants more goes on from `next`.
--
-- KEYS  1 items   2 order   3 ends   4 meta
-- ARGV  1 UP or DOWN   2 the lower bound, as ZRANGEBYLEX takes it   3 the upper bound
--       4 most items to return, 1 to 200
-- Returns
--   {'ITEMS', next, then for each item: key, position, value}
--       next: position and key of the last item looked at, or '' when nothing is left or enough was found
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include clock
-- @include map

local up, low, high = ARGV[1] == 'UP', ARGV[2], ARGV[3]
local wanted = whole(ARGV[4], 1, 200)
if #KEYS ~= 4 or #ARGV ~= 4 or not (up or ARGV[1] == 'DOWN') or not is_text(low, 2048) or not is_text(high, 2048)
  or not wanted then
  return {'BAD_ARGUMENT'}
end

-- Where the key begins: after the class and the number of 8 bytes, the text up to its terminator, or nothing.
local function key_of(member)
  local class = string.byte(member)
  if class == 1 then return string.sub(member, 10) end
  if class == 2 then
    local _, last = string.find(member, '\0\0', 2, true)
    return string.sub(member, last + 1)
  end
  return string.sub(member, 2)
end

local now = now_millis()
local map = open_map()
reclaim(map, now, 200)
close_map(map)

local reply = {'ITEMS', ''}
local taken, seen, bytes = 0, 0, 0
while taken < wanted do
  local limit = math.min(wanted - taken, 32)
  local members
  if up then
    members = redis.call('ZRANGEBYLEX', KEYS[2], low, high, 'LIMIT', 0, limit)
  else
    members = redis.call('ZREVRANGEBYLEX', KEYS[2], high, low, 'LIMIT', 0, limit)
  end
  if #members == 0 then break end
  local keys = {}
  for index = 1, #members do keys[index] = key_of(members[index]) end
  local packed = redis.call('HMGET', KEYS[1], unpack(keys))
  for index = 1, #members do
    local item = unpack_item(packed[index])
    if item.ends > now then
      reply[#reply + 1] = keys[index]
      reply[#reply + 1] = item.position
      reply[#reply + 1] = item.value
      taken = taken + 1
      bytes = bytes + #item.value
    end
  end
  seen = seen + #members
  local last = members[#members]
  if up then low = '(' .. last else high = '(' .. last end
  if taken < wanted and (seen >= 1000 or bytes >= 1048576) then
    reply[2] = last
    break
  end
end
return reply
