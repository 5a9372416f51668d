#!lua flags=no-writes
-- Finds the places of members, or of elements that need not be there, in a shard of a board.
--
-- KEYS  1 ranks (or levels, for elements)   2 members   3 levels (dense ranks only)
-- ARGV  1 rules   2 what to find: members or elements
--       3 style of the places of members: unique, competition, dense
--       4… 1 to 100 members, or 1 to 100 pairs of a score as the nearest double and an element's bytes
-- Returns
--   {'OK', members of the shard, then for each member: score, prefix, place from 0; or '', '', '' when it is not there}
--   {'OK', members of the shard, then for each pair: how many elements come before it}
--   {'ABSENT'} there is no board
--   {'RULES', rules in place}
--   {'BAD_ARGUMENT'}

-- @include arguments
-- @include board

local ranks, rules, style, count = KEYS[1], ARGV[1], ARGV[3], #ARGV - 3
if #KEYS < 2 or count < 1 or count > 200 then
  return {'BAD_ARGUMENT'}
end
local board = call('HMGET', KEYS[2], '#rules', '#marked')
if not board[1] then return {'ABSENT'} end
if board[1] ~= rules then return {'RULES', board[1]} end
local descending = is_descending(rules)
local reply = {'OK', call('ZCARD', ranks)}

-- One member of a board on which nothing but scores counts: what is asked most.
if count == 1 and style == 'unique' and not board[2] and ARGV[2] == 'members' then
  local element = '=' .. ARGV[4]
  local score = call('ZSCORE', ranks, element)
  reply[3] = score or ''
  reply[4] = score and '=' or ''
  reply[5] = score and call(descending and 'ZREVRANK' or 'ZRANK', ranks, element) or ''
  return reply
end

-- @include place

if ARGV[2] == 'elements' then
  if count % 2 ~= 0 then return {'BAD_ARGUMENT'} end
  for index = 4, #ARGV, 2 do
    local score = tonumber(ARGV[index])
    if not score or score ~= score then return {'BAD_ARGUMENT'} end
    reply[#reply + 1] = position(ranks, descending, score, ARGV[index + 1])
  end
  return reply
end

if ARGV[2] ~= 'members' or count > 100 then
  return {'BAD_ARGUMENT'}
end
local prefixes = {}
if board[2] then
  local fields = {}
  for index = 4, #ARGV do fields[index - 3] = 'p' .. ARGV[index] end
  prefixes = call('HMGET', KEYS[2], unpack(fields))
end
local elements = {}
for number = 1, count do elements[number] = (prefixes[number] or '=') .. ARGV[3 + number] end
for number, score in ipairs(call('ZMSCORE', ranks, unpack(elements))) do
  local last = number * 3 - 1
  local is_there = score and (prefixes[number] or not goes_to_first(rules))
  reply[last + 1] = is_there and score or ''
  reply[last + 2] = is_there and (prefixes[number] or '=') or ''
  reply[last + 3] = is_there
    and place(style, ranks, KEYS[3], descending, tonumber(score), elements[number]) or ''
end
return reply
